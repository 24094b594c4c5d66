/** The version of the contract, as consumers check it in metadata.contract_version. Apart from the shapes of the rows: the writer needs only this. */
export const CONTRACT_VERSION = "1";
