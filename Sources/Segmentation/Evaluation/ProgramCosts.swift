/// What an evaluation took, definition by definition.
package struct ProgramCosts: Hashable, Sendable {
  /// Time spent on each definition.
  package var nanoseconds: [UInt64]

  init(nanosecondsOfDefinitions nanoseconds: [UInt64]) { self.nanoseconds = nanoseconds }

  init(_ program: CompiledProgram, _ parts: [ShardPass.Part]) {
    nanoseconds = program.residualsOfDefinitions.map { residuals in
      residuals.reduce(0) { total, residual in
        total + parts.reduce(0) { $0 + $1.costs[residual].nanoseconds }
      }
    }
  }
}
