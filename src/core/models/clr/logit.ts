/** log(1 + exp(logit)) without overflow. */
export function softplus(logit: number): number {
  return Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** 1 / (1 + exp(-logit)) without overflow; both tails keep their relative accuracy. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const small = Math.exp(logit);
  return small / (1 + small);
}

/** Negative log likelihood of one row, in nats, from its logit: exact where the probability would round to 0 or 1. */
export function rowLoss(label: number, logit: number): number {
  return softplus(label === 1 ? -logit : logit);
}
