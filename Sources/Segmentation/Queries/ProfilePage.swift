package import Bytes
package import Domain
package import ProfileStore

/// Some profiles of a shard in ascending order of their keys.
package struct ProfilePage: Hashable, Sendable {
  /// Which profiles to give, and what of them.
  package struct Request: Hashable, Sendable {
    /// `nil` for every profile.
    package var audience: Name?
    /// Which memberships count; `realized` alone gives the members.
    package var statuses: Set<MembershipStatus>
    /// Only memberships that changed with the audience's last run.
    package var isChangedOnly: Bool
    /// The page begins behind this key; `nil` for the first.
    package var after: ProfileKey?
    package var rowCountMax: Int
    package var fields: Fields

    package init(
      audience: Name?,
      statuses: Set<MembershipStatus> = [.realized],
      isChangedOnly: Bool = false,
      after: ProfileKey? = nil,
      rowCountMax: Int,
      fields: Fields = .none
    ) {
      self.audience = audience
      self.statuses = statuses
      self.isChangedOnly = isChangedOnly
      self.after = after
      self.rowCountMax = rowCountMax
      self.fields = fields
    }
  }

  /// What is given of a profile besides its key.
  package enum Fields: Hashable, Sendable {
    case none
    /// All attributes, by their top-level names.
    case all
    case some([FieldProjection])
  }

  package struct Row: Hashable, Sendable {
    package var key: ProfileKey
    /// `nil` where the page is of no audience.
    package var status: MembershipStatus?
    package var lastQualification: Instant?
    /// The fields asked for, as far as the profile has them.
    package var fields: ObjectValue
  }

  /// About as many bytes of fields as a page holds; a row that reaches it is the last.
  package static let byteCountMax = 4 << 20

  /// Rows whose fields are read at first, before anybody knows how large they are.
  private static let firstPartRowCount = 256
  /// Bytes of fields that are read at a time.
  fileprivate static let partByteCountMax = 4 * byteCountMax

  package var rows: [Row]
  /// No row is left behind these.
  package var isDone: Bool
}

extension ProfilePage {
  /// Reads a page; unless it is done it has at least one row, if one may be given.
  package init(
    _ request: Request,
    of snapshot: ShardSnapshot,
    _ memberships: MembershipTable
  ) throws(StoreError) {
    rows = []
    isDone = true
    let audience = request.audience.flatMap { memberships.audiences[$0] }
    if request.audience != nil && audience == nil { return }
    let wanted = audience?.ordinals(request.statuses, isChangedOnly: request.isChangedOnly)

    let order = try snapshot.ordinalsInKeyOrder()
    var position = try ProfilePage.start(in: order, after: request.after)
    var byteCount = 0
    var partRowCount = ProfilePage.firstPartRowCount
    while true {
      let rowCountMax = min(partRowCount, request.rowCountMax - rows.count)
      let start = position
      var part: [Int] = []
      while position < order.count {
        if wanted?.contains(order[position]) ?? true {
          guard part.count < rowCountMax else { break }
          part.append(position)
        }
        position += 1
      }
      if part.isEmpty {
        isDone = position == order.count
        return
      }
      guard let fields = try request.fields.values(of: part.map { order[$0] }, in: snapshot)
      else {
        position = start
        partRowCount = part.count / 2
        continue
      }
      for (position, fields) in zip(part, fields) {
        guard byteCount < ProfilePage.byteCountMax else {
          isDone = false
          return
        }
        byteCount += fields.byteCountEstimate
        let ordinal = order[position]
        rows.append(
          Row(
            key: order.key(at: position),
            status: audience?.status(of: ordinal),
            lastQualification: audience?.lastQualification(of: ordinal),
            fields: fields
          )
        )
      }
      // As many more as the page has room for if they are like those before.
      let room = max(0, ProfilePage.byteCountMax - byteCount)
      partRowCount = (room * rows.count + byteCount - 1) / byteCount
    }
  }

  /// The position in key order of the first profile behind a key.
  private static func start(
    in order: KeyOrder,
    after key: ProfileKey?
  ) throws(StoreError) -> Int {
    guard let key else { return 0 }
    let position = order.position(notBelow: key)
    return position < order.count && order.key(at: position) == key ? position + 1 : position
  }
}

extension ProfilePage.Fields {
  /// The fields of some profiles, in their order; `nil` when those of several are too many bytes.
  ///
  /// Neighbours in key order lie in any blocks, and reading a block costs as much as all its
  /// profiles: so every block is read once.
  fileprivate func values(
    of ordinals: [Int],
    in snapshot: ShardSnapshot
  ) throws(StoreError) -> [ObjectValue]? {
    var found = Array(repeating: ObjectValue(), count: ordinals.count)
    if case .none = self { return found }
    var byteCount = 0
    var last: (index: Int, block: ProfileBlock)?
    for place in ordinals.indices.sorted(by: { ordinals[$0] < ordinals[$1] }) {
      let (index, row) = snapshot.locate(ordinals[place])
      let block = if let last, last.index == index { last.block } else { try snapshot.block(index) }
      last = (index, block)
      found[place] = values(in: block, row)
      byteCount += found[place].byteCountEstimate
      if byteCount > ProfilePage.partByteCountMax, ordinals.count > 1 { return nil }
    }
    return found
  }

  private func values(in block: ProfileBlock, _ row: Int) -> ObjectValue {
    switch self {
    case .none: return ObjectValue()
    case .all: return block.attributes(row)
    case .some(let fields):
      let profile =
        fields.contains(where: \.isOfEvents)
        ? block.profile(row) : .object(block.attributes(row))
      return ObjectValue(
        fields.compactMap { field in
          field.value(in: profile).map { ObjectValue.Field(name: field.text, value: $0) }
        }
      )
    }
  }
}

extension AudienceMemberships {
  /// The profiles whose membership is of one of the statuses.
  fileprivate func ordinals(_ statuses: Set<MembershipStatus>, isChangedOnly: Bool) -> Bitmap {
    var ordinals = Bitmap()
    if statuses.contains(.realized) { ordinals.formUnion(isChangedOnly ? newlyRealized : members) }
    if statuses.contains(.exited) { ordinals.formUnion(isChangedOnly ? newlyExited : exited) }
    return ordinals
  }
}

extension ObjectValue {
  /// About the bytes that the fields take in a message.
  fileprivate var byteCountEstimate: Int {
    fields.reduce(2) { $0 + $1.name.byteCount + 1 + $1.value.byteCountEstimate }
  }
}

extension Value {
  fileprivate var byteCountEstimate: Int {
    switch self {
    case .boolean: 1
    case .integer, .double: 9
    case .string(let text): 2 + text.byteCount
    case .array(let values): values.reduce(2) { $0 + $1.byteCountEstimate }
    case .object(let object): object.byteCountEstimate
    }
  }
}
