import Bytes
import Domain
import Synchronization

/// Who is in one audience, what the last run changed, and what came before.
///
/// Shared by all values that say the same, so that a run that changes nothing takes no memory.
final class MembershipStanding: Sendable {
  /// What is known of those who were members once.
  private enum Past: Sendable {
    case settled(SettledMemberships)
    /// Settled before the first of the runs; the last one led here.
    case runs(after: SettledMemberships, last: MembershipRun)
  }

  /// The fewest runs that are added up although nobody asks.
  private static let runCountMin = 8

  let members: Bitmap
  /// Members that were none before the last run.
  let newlyRealized: PackedBitmap
  /// Profiles that the last run put out.
  let newlyExited: PackedBitmap
  /// A checksum of the three sets.
  let digest: UInt32
  /// Runs are added up when somebody asks.
  private let past: Mutex<Past>

  private init(
    _ members: Bitmap,
    _ newlyRealized: PackedBitmap,
    _ newlyExited: PackedBitmap,
    _ past: Past
  ) {
    self.members = members
    self.newlyRealized = newlyRealized
    self.newlyExited = newlyExited
    self.past = Mutex(past)
    let digests = (members.digest, newlyRealized.digest, newlyExited.digest)
    digest = unsafe withUnsafeBytes(of: digests) { unsafe crc32c($0) }
  }

  convenience init(
    members: Bitmap,
    newlyRealized: Bitmap,
    newlyExited: Bitmap,
    settled: SettledMemberships
  ) {
    self.init(members, PackedBitmap(newlyRealized), PackedBitmap(newlyExited), .settled(settled))
  }

  /// That of an audience after its first run.
  convenience init(first members: Bitmap, at asOf: Instant) {
    let members = members.compacted()
    let times = QualificationTimes(count: members.count, at: asOf)
    let settled = SettledMemberships(exited: Bitmap(), lastQualifications: times)
    self.init(members, PackedBitmap(sharing: members), PackedBitmap(), .settled(settled))
  }

  /// That after the next run.
  func next(
    _ members: Bitmap,
    entered: Bitmap,
    left: Bitmap,
    at asOf: Instant
  ) -> MembershipStanding {
    let isSame = entered.isEmpty && left.isEmpty
    if isSame, newlyRealized.isEmpty, newlyExited.isEmpty { return self }
    let past = past.withLock { $0 }
    if isSame {
      return MembershipStanding(self.members, PackedBitmap(), PackedBitmap(), past)
    }
    let (settled, last): (SettledMemberships, MembershipRun?) =
      switch past {
      case .settled(let settled): (settled, nil)
      case .runs(let settled, let last): (settled, last)
      }
    let run = MembershipRun(
      after: last,
      asOf: asOf,
      entered: PackedBitmap(entered),
      left: PackedBitmap(left)
    )
    let next = MembershipStanding(
      members.compacted(),
      run.entered,
      run.left,
      .runs(after: settled, last: run)
    )
    // Not those of all audiences with the same run.
    let limit = Self.runCountMin + Int(members.count % Self.runCountMin)
    if run.length >= limit { _ = next.settled }
    return next
  }

  /// What is known of everyone who was a member once.
  var settled: SettledMemberships {
    past.withLock { past in
      switch past {
      case .settled(let settled): return settled
      case .runs(let before, let last):
        let settled = last.added(to: before, members: members)
        past = .settled(settled)
        return settled
      }
    }
  }
}

extension MembershipStanding: Hashable {
  static func == (one: MembershipStanding, other: MembershipStanding) -> Bool {
    one === other
      || one.members == other.members && one.newlyRealized == other.newlyRealized
        && one.newlyExited == other.newlyExited && one.settled == other.settled
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
