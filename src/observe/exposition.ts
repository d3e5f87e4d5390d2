/** In which form metrics are written: Prometheus' text format 0.0.4, or OpenMetrics 1.0.0. */
export type ExpositionForm = "prometheus" | "openmetrics";

/** Everything that was counted, as the listener shows it. */
export interface Exposition {
  /** The whole text, up to its last newline. */
  text(form: ExpositionForm): Promise<string>;
}
