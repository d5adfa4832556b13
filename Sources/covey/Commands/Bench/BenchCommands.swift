extension Command {
  static let benchEvaluate = Command(
    "bench evaluate",
    "Time definitions over files",
    discussion: [
      "Loads the files once, then compiles the definitions and evaluates them to bitmaps of their "
        + "members: once to warm up, then as often as --repeat says. Prints the best run and the "
        + "middle one, the memory, and the machine with its load.",
      "Memory is that of all processes together from the end of the load on: at most the sum of each "
        + "one's peak, then what they hold after the last run, where pages that several of them map "
        + "count once. Pages of mapped files count when they were read.",
      "Through a cluster a run is a job, whose memberships are on disk at its end. Runs at one and the "
        + "same instant leave them as they were; with --step they change. What the workers' threads "
        + "did is told by its parts: conditions over columns, profiles looked at one by one, "
        + "memberships brought forward, and their storing, waits for the disk included.",
      "With --data the loaded data stays in a folder; with the same files, or none, it is taken "
        + "from there.",
    ],
    options: EvaluateBench.options,
    examples: [
      Example(
        "covey bench evaluate --profiles p.csv --events e.csv --segments s.json --as-of 2026-01-01",
        "In this process."
      ),
      Example(
        "covey bench evaluate --data big --segments s.json --first 100 --json",
        "Of what is loaded already, the first hundred definitions."
      ),
      Example(
        "covey bench evaluate --data big --segments s.json --through-cluster --workers 2",
        "As jobs of a cluster, from submitted to committed."
      ),
    ]
  ) { arguments, terminal in
    try EvaluateBench(arguments, terminal).run()
  }

  static let benchImport = Command(
    "bench import",
    "Time durable imports of files",
    discussion: [
      "Imports the files into an empty cluster of its own, as often as --repeat says, each time "
        + "until every row is on the disks of all workers; prints the speed of the best run and the "
        + "most memory that all processes together had."
    ],
    options: ImportBench.options,
    examples: [
      Example("covey bench import --profiles p.csv --events e.csv --event-key profileID", "CSV.")
    ]
  ) { arguments, terminal in
    try ImportBench(arguments, terminal).run()
  }

  static let benchScan = Command(
    "bench scan",
    "Time the reading and typing of files",
    discussion: [
      "Reads every row as an import does, finds its types and stores nothing."
    ],
    options: BenchArguments.fileOptions + BenchArguments.runOptions(standardCount: 3),
    examples: [Example("covey bench scan --events e.jsonl --event-key profileID", "JSON lines.")]
  ) { arguments, terminal in
    try ImportBench(arguments, terminal).scan()
  }

  static let benchKernels = Command(
    "bench kernels",
    "Time the inner loops",
    discussion: ["Each loop runs on one thread over data that fits in a core's cache."],
    options: KernelBench.options,
    examples: [Example("covey bench kernels --json", "For a program.")]
  ) { arguments, terminal in
    try KernelBench(arguments, terminal).run()
  }

  static let benchPropensity = Command(
    "bench propensity",
    "Time training, scoring and reasons",
    discussion: [
      "Makes rows up, finds their bins and grows trees, with no rows held out and every feature seen "
        + "by every tree, then scores and explains them. Prints the best of the runs.",
      "With --write other programs can be timed on the same rows: column by column as doubles of eight "
        + "bytes, the lowest first, and behind the features a column that is 1 where the goal was reached. "
        + "With --export they can take the model, and compare its margins and contributions with those "
        + "of the first rows, which stand beside it in FILE.margins: of each row the margin, then a "
        + "contribution a feature.",
      "With --through-cluster the rows become profiles of a cluster on this machine, whose workers "
        + "train on them, by turns with this process; how much longer their trees take is told.",
    ],
    options: PropensityBench.options,
    examples: [
      Example("covey bench propensity --rows 100000 --json", "For a program."),
      Example("covey bench propensity --through-cluster --workers 4", "What a cluster costs."),
    ]
  ) { arguments, terminal in
    guard arguments.has("through-cluster") else {
      for name in ["workers", "shards"] where arguments.has(name) {
        throw UsageError("'--\(name)' goes with '--through-cluster'")
      }
      return try PropensityBench(arguments, terminal).run()
    }
    return try PropensityClusterBench(arguments, terminal).run()
  }
}
