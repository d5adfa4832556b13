import Bytes
import Domain
import PQL
import Platform
import Synchronization

/// Many definitions made ready to be evaluated together on one profile after the other.
///
/// Each is parsed and checked once. Definitions stand in the order of evaluation: an `inSegment` is
/// answered with what this run says of the profile for a segment that comes earlier, and from the
/// profile's stored map for a segment that is not in the run.
package struct SegmentProgram: Sendable {
  /// In the order of evaluation; each id once.
  package let definitions: [ProgramDefinition]
  /// One for each definition.
  let steps: [Step]
  /// Most steps that one definition may take for one profile.
  let stepCountMax: Int
  /// The program of the last as-of.
  private let last = LastCompiled()

  /// A definition ready for evaluation.
  struct Step: Sendable {
    var interpreter: ReferenceInterpreter
    var zone: Zone
    /// What it asks about, as far as it is in the run.
    var references: [Reference]
  }

  struct Reference: Hashable, Sendable {
    var id: Text
    /// Index among the definitions, below that of the one that refers.
    var definition: Int
  }

  /// Reads and checks the definitions.
  ///
  /// - Parameters:
  ///   - definitions: each after those it refers to.
  ///   - zones: knows the time zones that they name.
  ///   - stepCountMax: most steps that one definition may take for one profile.
  /// - Throws: the first definition that is wrong, and why.
  package init(
    _ definitions: [ProgramDefinition],
    zones: ZoneSource,
    stepCountMax: Int = EvaluationContext.stepCountMax
  ) throws(ProgramError) {
    let ids = definitions.map(\.id.text)
    let known = Set(ids)
    let rules = SegmentProgram.mapped(definitions.count) {
      SegmentProgram.rule(of: definitions[$0])
    }
    var steps: [Step] = []
    var earlier: [Text: Int] = [:]
    for (index, definition) in definitions.enumerated() {
      let rule = try rules[index].get()
      var references: [Reference] = []
      for id in rule.references where known.contains(id) {
        guard let place = earlier[id] else {
          throw ProgramError(id: definition.id, .refersAhead(id))
        }
        references.append(Reference(id: id, definition: place))
      }
      guard earlier.updateValue(index, forKey: ids[index]) == nil else {
        throw ProgramError(id: definition.id, .idTwice)
      }
      let zone = try SegmentProgram.zone(of: definition, from: zones)
      steps.append(
        Step(interpreter: ReferenceInterpreter(rule.query), zone: zone, references: references)
      )
    }
    self.definitions = definitions
    self.steps = steps
    self.stepCountMax = stepCountMax
  }

  /// The definitions as one program for an as-of; that of the last one is kept.
  func compiled(asOf: Instant) -> CompiledProgram {
    last.program(asOf: asOf) {
      CompiledProgram(
        zip(definitions, steps).map { definition, step in
          (step.interpreter.query, definition.id.text, step.zone)
        },
        now: asOf,
        stepCountMax: stepCountMax
      )
    }
  }

  /// Time that was spent on compiling since this was last asked.
  func takeCompilingNanoseconds() -> UInt64 { last.takeNanoseconds() }

  private static func rule(of definition: ProgramDefinition) -> Result<Rule, ProgramError> {
    do throws(RuleError) {
      return .success(try Rule(definition.expression))
    } catch {
      return .failure(ProgramError(id: definition.id, .rule(error)))
    }
  }

  private static func zone(
    of definition: ProgramDefinition,
    from zones: ZoneSource
  ) throws(ProgramError) -> Zone {
    guard let name = definition.timeZone else { return .utc }
    guard let zone = zones.zone(named: name) else {
      throw ProgramError(id: definition.id, .unknownZone(name))
    }
    return zone
  }
}

extension SegmentProgram {
  /// Makes `count` things, on several threads where there are many.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - threadCount: threads at most, this one included.
  ///   - countOfThread: things that are worth the start of a thread.
  ///   - make: makes the thing of a number.
  /// - Returns: the things, by number.
  static func mapped<Made: Sendable>(
    _ count: Int,
    threadCount: Int = ProcessStatus.processorCount,
    countOfThread: Int = 64,
    _ make: @escaping @Sendable (Int) -> Made
  ) -> [Made] {
    let stretchCount = min(threadCount, count / countOfThread)
    guard stretchCount > 1 else { return (0..<count).map(make) }
    @Sendable func stretch(_ number: Int) -> [Made] {
      (count * number / stretchCount..<count * (number + 1) / stretchCount).map(make)
    }
    let made = Mutex<[[Made]?]>(Array(repeating: nil, count: stretchCount))
    let threads = (1..<stretchCount).compactMap { number in
      try? WorkerThread(named: "covey-compile") {
        let part = stretch(number)
        made.withLock { $0[number] = part }
      }
    }
    let first = stretch(0)
    for thread in threads { thread.join() }
    // What no thread could be had for is made here.
    let others = made.withLock { $0.dropFirst() }
    return first + others.enumerated().flatMap { $0.element ?? stretch($0.offset + 1) }
  }
}

/// Keeps one compiled program, for all shards of a job.
private final class LastCompiled: Sendable {
  private let kept = Mutex<(asOf: Instant, program: CompiledProgram)?>(nil)
  private let nanoseconds = Atomic<UInt64>(0)

  func program(asOf: Instant, _ make: () -> CompiledProgram) -> CompiledProgram {
    kept.withLock { kept in
      if let kept, kept.asOf == asOf { return kept.program }
      let start = LinuxClock.monotonicNanoseconds
      let made = make()
      nanoseconds.add(LinuxClock.monotonicNanoseconds &- start, ordering: .relaxed)
      kept = (asOf, made)
      return made
    }
  }

  func takeNanoseconds() -> UInt64 { nanoseconds.exchange(0, ordering: .relaxed) }
}
