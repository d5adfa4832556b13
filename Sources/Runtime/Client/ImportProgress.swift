import Intake

/// How far an import has come.
package struct ImportProgress: Equatable, Sendable {
  package enum Phase: Equatable, Sendable {
    /// Reading the files for the first time.
    case surveying
    /// Reading them again and sending their rows.
    case sending
    /// All rows are with the workers, which make them durable.
    case committing
    /// The import was interrupted and will begin again.
    case waiting(reason: String)
  }

  package var phase: Phase
  /// Bytes of the files read in this phase.
  package var byteCount: Int
  package var byteCountTotal: Int
  package var rowCount: UInt64
  /// How long the phase has lasted.
  package var milliseconds: Int64

  package init(
    phase: Phase,
    byteCount: Int,
    byteCountTotal: Int,
    rowCount: UInt64,
    milliseconds: Int64
  ) {
    self.phase = phase
    self.byteCount = byteCount
    self.byteCountTotal = byteCountTotal
    self.rowCount = rowCount
    self.milliseconds = milliseconds
  }

  init(_ phase: Phase, _ read: IntakeProgress, milliseconds: Int64) {
    self.init(
      phase: phase,
      byteCount: read.byteCount,
      byteCountTotal: read.byteCountTotal,
      rowCount: read.rowCount,
      milliseconds: milliseconds
    )
  }

  package var rowsPerSecond: Double { perSecond(Double(rowCount)) }

  /// In units of 10⁶ bytes of the files on disk.
  package var megabytesPerSecond: Double { perSecond(Double(byteCount) / 1e6) }

  /// How long the phase will go on at the present rate; `nil` before anything tells.
  package var millisecondsLeft: Int64? {
    guard byteCount > 0, byteCountTotal >= byteCount else { return nil }
    let left = Double(milliseconds) * Double(byteCountTotal - byteCount) / Double(byteCount)
    return Int64(min(left, 1e15))
  }

  private func perSecond(_ amount: Double) -> Double {
    milliseconds > 0 ? amount * 1_000 / Double(milliseconds) : 0
  }
}
