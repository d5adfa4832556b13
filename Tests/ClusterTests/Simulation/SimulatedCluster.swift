import Bytes
import Cluster
import Domain

/// A whole cluster in one thread: the real rules over a simulated network, disks and clocks.
final class SimulatedCluster {
  /// What is counted, to see that the runs do go where it hurts.
  enum Outcome: CaseIterable {
    case workerCrash
    case coordinatorCrash
    case interruption
    case importCommitted
    case importFailed
    case evaluationCommitted
    case evaluationFailed
    case evaluationCancelled
    case pageRead
    case trainingCommitted
    case trainingFailed
    case trainingCancelled
    /// A worker made its part of a training anew, trees and all.
    case partMadeAnew
    case scoringCommitted
    /// What became of an earlier scoring's profiles was told.
    case outcomesKnown
  }

  /// An audience as a reader was told it.
  struct Observation {
    var audience: Name
    var job: JobID?
    var keys: [ProfileKey]
  }

  let options: SimulationOptions
  var random: SeededRandom
  let timeline = Timeline()
  /// More in one millisecond is a circle of events.
  static let burstMax = 20_000

  private(set) var isHealed = false
  private(set) var violations: [String] = []
  private(set) var outcomes: [Outcome: Int] = [:]
  private(set) var observations: [Observation] = []
  /// Imports that a client was told are committed.
  var acknowledged: Set<Text> = []
  private var wallJump: Int64 = 0
  private(set) var workers: [SimulatedWorker] = []
  private(set) var importers: [SimulatedImporter] = []
  private var clients: [SimulatedClient] = []
  private(set) lazy var coordinator = SimulatedCoordinator(self)
  let set: Name

  private let isTraced: Bool

  init?(seed: UInt64, isTraced: Bool = false) {
    guard let set = Name("customers") else { return nil }
    self.isTraced = isTraced
    options = SimulationOptions(seed: seed)
    random = SeededRandom(seed: seed &+ 0x5EED)
    self.set = set
    workers = (0..<options.workerCount).compactMap { number in
      Name("w\(number)").map { SimulatedWorker(self, name: $0) }
    }
  }

  /// Faults, then healing, then all must end.
  func run() {
    coordinator.start()
    for worker in workers { worker.start() }
    startClients()
    planFault()
    timeline.run(until: options.faultMilliseconds) { self.isStuck }
    heal()
    let bound = timeline.now + 300_000
    timeline.run(until: bound) { self.isStuck || self.clients.allSatisfy(\.isDone) }
    let late = clients.filter { !$0.isDone }
    if !late.isEmpty { violation("\(late.count) clients still wait: \(late.map { type(of: $0) })") }
    // Commits and aborts that are on their way arrive.
    timeline.run(until: timeline.now + 30_000) { self.isStuck }
    readAll()
    timeline.run(until: timeline.now + 60_000) {
      self.isStuck || self.clients.allSatisfy(\.isDone)
    }
    if clients.contains(where: { !$0.isDone }) { violation("the last reads were not answered") }
  }

  /// Whether going on would show nothing more.
  private var isStuck: Bool {
    if timeline.burst > SimulatedCluster.burstMax { violation("time stands still") }
    return !violations.isEmpty
  }

  func end() { timeline.removeAll() }

  func draw(_ bound: Int) -> Int { bound <= 1 ? 0 : random.below(bound) }

  func chance(_ count: Int) -> Bool { count > 0 && random.oneIn(count) }

  func crashes() -> Bool { !isHealed && chance(options.crashOneIn) }

  func storeFails() -> Bool { !isHealed && chance(options.storeFailureOneIn) }

  /// How late the coordinator's loop is.
  func loopLag() -> Int64 { !isHealed && chance(50) ? Int64(draw(8_000)) : 0 }

  var networkDelayMax: Int { isHealed ? 5 : options.networkDelayMax }
  var persistDelayMax: Int { isHealed ? 2 : options.persistDelayMax }
  var storeDelayMax: Int { isHealed ? 5 : options.storeDelayMax }
  var wall: Instant { Instant(milliseconds: 1_700_000_000_000 + timeline.now + wallJump) }

  func violation(_ text: String) {
    violations.append("at \(timeline.now) ms: \(text)")
  }

  /// Remembers what happened, where somebody wants to read it.
  func trace(_ text: @autoclosure () -> String) {
    if isTraced { print("\(timeline.now) \(text())") }
  }

  func note(_ outcome: Outcome) { outcomes[outcome, default: 0] += 1 }

  func observe(_ observation: Observation) {
    observations.append(observation)
    note(.pageRead)
  }

  private func startClients() {
    let author = SimulatedAuthor(self)
    clients.append(author)
    author.run()
    for number in 0..<options.importCount {
      let importer = SimulatedImporter(self, set: set, importID: Text("import-\(number)"))
      importers.append(importer)
      begin(importer) { importer.run() }
    }
    for number in 0..<options.evaluationCount {
      let evaluator = SimulatedEvaluator(self, set: set, token: Text("token-\(number)"))
      begin(evaluator) { evaluator.run() }
    }
    for number in 0..<options.trainingCount {
      guard let trainer = SimulatedTrainer(self, set: set, number: number) else { continue }
      begin(trainer) { trainer.run() }
    }
    for _ in 0..<options.readerCount {
      let reader = SimulatedReader(self, set: set)
      begin(reader) { reader.run() }
    }
  }

  /// Has an operator cancel a job in a while.
  func cancelLater(_ job: JobID) {
    let canceller = SimulatedCanceller(self, job: job)
    clients.append(canceller)
    timeline.schedule(after: Int64(draw(2 * storeDelayMax))) { canceller.run() }
  }

  private func begin(_ client: SimulatedClient, _ body: @escaping () -> Void) {
    clients.append(client)
    timeline.schedule(after: Int64(draw(Int(options.faultMilliseconds))), body)
  }

  /// Reads every audience once more, now that nothing changes.
  private func readAll() {
    guard let record = coordinator.state.catalogue.set(named: set) else { return }
    for audience in record.audiences.keys.sorted() {
      let reader = SimulatedReader(self, set: set)
      clients.append(reader)
      let before = outcomes[.pageRead, default: 0]
      reader.read(audience, after: nil, job: nil, keys: []) {
        if self.outcomes[.pageRead, default: 0] == before {
          self.violation("audience \(audience) could not be read after healing")
        }
        reader.finish()
      }
    }
  }

  private func planFault() {
    timeline.schedule(after: Int64(1 + draw(2 * options.faultGapMilliseconds))) { [weak self] in
      guard let self, !self.isHealed else { return }
      self.makeFault()
      self.planFault()
    }
  }

  private func makeFault() {
    let worker = workers[draw(workers.count)]
    let kind = draw(10)
    trace("fault \(kind) at \(worker.name)")
    switch kind {
    case 0: worker.crash()
    case 1: coordinator.crash()
    case 2, 3: worker.cutLinks()
    case 4 where options.hasHalfDeadConnections: worker.deafenLinks()
    case 5: clients[draw(clients.count)].cutLink()
    case 6 where options.hasHalfDeadConnections: clients[draw(clients.count)].deafenLink()
    case 7 where options.hasClockJumps: wallJump += Int64(draw(7_200_000)) - 3_600_000
    case 8: worker.store.slowness = worker.store.slowness == 1 ? 10 : 1
    default: break
    }
  }

  private func heal() {
    trace("healed")
    isHealed = true
    for worker in workers { worker.store.slowness = 1 }
  }
}
