// A chart with its table. The table is the text of the chart, for who does not see it; colours come
// from the page's theme.

import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  Legend,
  LineController,
  LineElement,
  LinearScale,
  PointElement,
  Tooltip,
  type ChartConfiguration,
} from "chart.js";
import { LitElement, html, type TemplateResult } from "lit";

Chart.register(
  BarController,
  BarElement,
  LineController,
  LineElement,
  PointElement,
  CategoryScale,
  LinearScale,
  Filler,
  Legend,
  Tooltip,
);

export interface Series {
  label: string;
  values: (number | null)[];
  dashed?: boolean;
  band?: boolean;
}

class SeriesChart extends LitElement {
  static override properties = {
    labels: { attribute: false },
    series: { attribute: false },
    lines: { type: Boolean },
    label: {},
    format: { attribute: false },
  };
  labels: string[] = [];
  series: Series[] = [];
  lines = false;
  label = "";
  /** How a value is written. */
  format: (value: number) => string = String;
  private chart: Chart | null = null;
  private readonly themed = new MutationObserver(() => this.draw());

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.themed.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.themed.disconnect();
    this.chart?.destroy();
    this.chart = null;
  }

  override render(): TemplateResult {
    return html`<div class="chart"><canvas role="img" aria-label=${this.label}></canvas></div>`;
  }

  override updated(): void {
    this.draw();
  }

  private draw(): void {
    const canvas = this.querySelector("canvas");
    if (!canvas) return;
    this.chart?.destroy();
    this.chart = new Chart(canvas, this.configuration());
  }

  private configuration(): ChartConfiguration {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim() || "#888";
    const palette = ["--wa-color-brand-50", "--wa-color-yellow-50", "--wa-color-purple-50"].map(
      color,
    );
    const [ink, grid] = [color("--wa-color-text-normal"), color("--wa-color-surface-border")];
    return {
      type: this.lines ? "line" : "bar",
      data: {
        labels: this.labels,
        datasets: this.series.map((one, at) => ({
          label: one.label,
          data: one.values,
          borderColor: one.band ? "transparent" : palette[at % palette.length],
          backgroundColor: one.band ? `${palette[1]}33` : palette[at % palette.length],
          borderDash: one.dashed ? [6, 4] : [],
          borderWidth: 2,
          pointRadius: one.band ? 0 : 2,
          fill: one.band && at % 2 ? "-1" : false,
          tension: 0.2,
          spanGaps: false,
        })),
      },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: false,
        plugins: {
          legend: {
            display: this.series.length > 1,
            labels: {
              color: ink,
              filter: (item) =>
                !this.series[item.datasetIndex ?? 0]?.band ||
                item.datasetIndex === this.series.length - 1,
            },
          },
          tooltip: {
            callbacks: {
              label: (item) => `${item.dataset.label}: ${this.format(Number(item.parsed.y))}`,
            },
          },
        },
        scales: {
          x: { ticks: { color: ink }, grid: { color: grid } },
          y: {
            beginAtZero: true,
            ticks: { color: ink, callback: (value) => this.format(Number(value)) },
            grid: { color: grid },
          },
        },
      },
    };
  }
}

customElements.define("series-chart", SeriesChart);
