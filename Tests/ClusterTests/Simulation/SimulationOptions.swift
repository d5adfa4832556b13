import Bytes

/// Everything one run decides beforehand, drawn from its seed.
struct SimulationOptions: CustomStringConvertible {
  let seed: UInt64
  let workerCount: Int
  let shardCount: Int
  let importCount: Int
  let evaluationCount: Int
  let readerCount: Int
  /// How long faults are made, in milliseconds.
  let faultMilliseconds: Int64
  /// The mean time between two faults of the schedule.
  let faultGapMilliseconds: Int
  /// One in so many effects is the last of its process; 0 for none.
  let crashOneIn: Int
  /// One in so many store operations fails and may be tried again; 0 for none.
  let storeFailureOneIn: Int
  /// One in so many of those cannot be tried again.
  let lastingFailureOneIn: Int
  let networkDelayMax: Int
  let persistDelayMax: Int
  let storeDelayMax: Int
  let hasHalfDeadConnections: Bool
  let hasClockJumps: Bool
  let hasCancels: Bool
  let hasTimeouts: Bool
  let changesDefinitions: Bool
  let trainingCount: Int

  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    self.seed = seed
    workerCount = 1 + random.below(4)
    shardCount = 1 + random.below(5)
    importCount = 1 + random.below(3)
    evaluationCount = 1 + random.below(3)
    readerCount = random.below(3)
    faultMilliseconds = Int64(2_000 + random.below(30_000))
    faultGapMilliseconds = [300, 1_000, 3_000, 10_000][random.below(4)]
    crashOneIn = [0, 60, 200, 1_000][random.below(4)]
    storeFailureOneIn = [0, 4, 20, 100][random.below(4)]
    lastingFailureOneIn = 6
    networkDelayMax = [2, 20, 400][random.below(3)]
    persistDelayMax = [1, 10, 300][random.below(3)]
    storeDelayMax = [2, 20, 500][random.below(3)]
    hasHalfDeadConnections = random.oneIn(2)
    hasClockJumps = random.oneIn(2)
    hasCancels = random.oneIn(3)
    hasTimeouts = random.oneIn(3)
    changesDefinitions = random.oneIn(2)
    trainingCount = random.below(3)
  }

  var description: String {
    """
    seed \(seed): \(workerCount) workers, \(shardCount) shards, \(importCount) imports, \
    \(evaluationCount) evaluations, \(readerCount) readers, faults for \(faultMilliseconds) ms \
    every \(faultGapMilliseconds) ms, crash 1/\(crashOneIn), store failure \
    1/\(storeFailureOneIn) (lasting 1/\(lastingFailureOneIn)), delays net \(networkDelayMax) \
    persist \(persistDelayMax) store \(storeDelayMax), half-dead \(hasHalfDeadConnections), \
    clock jumps \(hasClockJumps), cancels \(hasCancels), timeouts \(hasTimeouts), \
    changes definitions \(changesDefinitions), \(trainingCount) trainings
    """
  }
}
