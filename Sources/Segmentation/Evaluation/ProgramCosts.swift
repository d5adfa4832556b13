import Bytes

/// What an evaluation took: what each definition needed for itself, and what all did together.
///
/// A condition that several definitions have in common counts for each of them.
package struct ProgramCosts: Hashable, Sendable {
  /// One definition's own part.
  package struct Part: Hashable, Sendable {
    /// Profiles that were looked at one by one.
    package var rowCount: UInt64
    /// Steps of the interpreter for these.
    package var stepCount: UInt64
    package var nanoseconds: UInt64

    package init(rowCount: UInt64 = 0, stepCount: UInt64 = 0, nanoseconds: UInt64 = 0) {
      self.rowCount = rowCount
      self.stepCount = stepCount
      self.nanoseconds = nanoseconds
    }
  }

  /// In the order of the program.
  package var definitions: [Part]
  /// Time that threads spent on all the rest: conditions over columns, and putting them together.
  package var sharedNanoseconds: UInt64

  /// Of an evaluation that did nothing together.
  init(nanosecondsOfDefinitions nanoseconds: [UInt64]) {
    definitions = nanoseconds.map { Part(nanoseconds: $0) }
    sharedNanoseconds = 0
  }

  init(_ program: CompiledProgram, _ parts: [ShardPass.Part]) {
    definitions = program.residualsOfDefinitions.map { residuals in
      var own = Part()
      for cost in residuals.flatMap({ residual in parts.map { $0.costs[residual] } }) {
        own.rowCount += UInt64(cost.profileCount)
        own.stepCount += UInt64(cost.stepCount)
        own.nanoseconds += cost.nanoseconds
      }
      return own
    }
    sharedNanoseconds = parts.reduce(0) { total, part in
      let residual = part.costs.reduce(0) { $0 + $1.nanoseconds }
      return total + part.nanoseconds - min(residual, part.nanoseconds)
    }
  }
}
