import Cluster
import Domain
import Segmentation
import Synchronization

/// Programs of the jobs under way, so that each is parsed and checked once and not once a shard.
final class ProgramCache: Sendable {
  /// Jobs whose programs are kept; more than run at a time on one worker in practice.
  static let countMax = 4

  private struct Entry {
    var definitions: [PlannedDefinition]
    var program: Result<SegmentProgram, ProgramError>
  }

  /// Newest last.
  private let entries = Mutex<[Entry]>([])

  /// The program of the definitions, each of which comes after those it refers to.
  func program(of definitions: [PlannedDefinition]) throws(ProgramError) -> SegmentProgram {
    let known = entries.withLock { entries -> Result<SegmentProgram, ProgramError>? in
      guard let index = entries.lastIndex(where: { $0.definitions == definitions }) else {
        return nil
      }
      // The next shard's comparison finds the very same array.
      entries[index].definitions = definitions
      return entries[index].program
    }
    if let known { return try known.get() }
    let result: Result<SegmentProgram, ProgramError>
    do throws(ProgramError) {
      result = .success(
        try SegmentProgram(definitions.map(ProgramDefinition.init), zones: SystemZones.source)
      )
    } catch {
      result = .failure(error)
    }
    entries.withLock { entries in
      entries.append(Entry(definitions: definitions, program: result))
      if entries.count > ProgramCache.countMax { entries.removeFirst() }
    }
    return try result.get()
  }
}

extension ProgramDefinition {
  init(_ planned: PlannedDefinition) {
    self.init(
      id: planned.id,
      version: planned.version,
      expression: planned.expression,
      timeZone: planned.timeZone
    )
  }
}
