/** Where the home is. Without coordinates there is no sun. */
export interface Place {
  readonly timeZone: string;
  /** Degrees, north and east are positive. */
  readonly latitude?: number;
  readonly longitude?: number;
  /** Metres above the horizon around. */
  readonly elevation?: number;
}
