// The direction of imports: shared <- widget, workspace; types count as imports, and nothing goes
// in a circle.

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "shared-knows-no-page",
      severity: "error",
      from: { path: "^src/shared/" },
      to: { path: "^src/(widget|workspace)/" },
    },
    {
      name: "widget-and-workspace-are-apart",
      severity: "error",
      from: { path: "^src/(widget|workspace)/" },
      to: { path: "^src/(widget|workspace)/", pathNot: "^src/$1/" },
    },
    {
      name: "workspace-parts-are-apart",
      severity: "error",
      from: { path: "^src/workspace/([^/]+)/" },
      to: { path: "^src/workspace/[^/]+/", pathNot: "^src/workspace/$1/" },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "default"] },
    tsConfig: { fileName: "tsconfig.json" },
  },
};
