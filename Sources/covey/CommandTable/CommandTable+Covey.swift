extension CommandTable {
  /// Everything `covey` does.
  package static let covey: CommandTable = CommandTable(
    groups: [
      CommandGroup(word: "sets", summary: "Make, list, show and drop profile sets"),
      CommandGroup(word: "segments", summary: "Apply, list, check and explain definitions"),
      CommandGroup(word: "audiences", summary: "List, compare and export who is in a segment"),
      CommandGroup(
        word: "propensity",
        summary: "Learn how likely customers are to reach a goal"
      ),
      CommandGroup(word: "profile", summary: "Look at one customer"),
      CommandGroup(word: "bench", summary: "Measure evaluations, imports, models and inner loops"),
      CommandGroup(word: "pql", summary: "Check, format, convert, explain and run definitions"),
    ],
    commands: [
      .status, .nodes, .shards, .jobs, .cancel,
      .setsCreate, .setsList, .setsShow, .setsSchema, .setsDrop,
      .importFiles,
      .evaluate,
      .segmentsApply, .segmentsList, .segmentsShow, .segmentsDelete, .segmentsValidate,
      .segmentsExplain, .segmentsCost,
      .audiencesList, .audiencesShow, .audiencesMembers, .audiencesDiff, .audiencesOverlap,
      .audiencesExport,
      .propensityApply, .propensityList, .propensityShow, .propensityDelete, .propensityCheck,
      .propensityTrain, .propensityScore, .propensityAudience, .propensityCompare,
      .propensityExport, .propensityInsights, .propensityExplain,
      .profileShow,
      .coordinator, .worker, .local,
      .pqlCheck, .pqlFormat, .pqlConvert, .pqlExplain, .pqlRun,
      .generate,
      .benchEvaluate, .benchImport, .benchScan, .benchKernels, .benchPropensity,
      .completion, .complete, .version, .help,
    ]
  )
}
