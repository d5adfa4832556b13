import Bytes
import Domain
import Propensity
import ProfileStore

/// Makes the rows of a population, block by block.
///
/// A block's values are written for all of its profiles, feature after feature, and those of profiles
/// that have a row are then taken over into the columns.
final class RowMaker {
  private let population: FeaturePopulation
  private let attributes: AttributeValues
  private let events: EventFeatures
  private let values: BlockValues
  private var eligible: MemberWords
  private var positive: MemberWords?
  private var memberships: [(slot: Int, words: MemberWords)] = []
  private var rows = FeatureRows()
  private var numbers: [[Double]]
  private var codes: [[UInt32]]
  /// The profiles of the block that have a row.
  private var chosen: [Int] = []
  /// Rows whose values are in the columns.
  private var takenCount = 0

  /// Makes room for the rows of some blocks, which are to be added in their order.
  init(
    _ plan: FeaturePlan,
    _ eventRules: EventRules,
    _ cutOff: CutOff,
    _ population: FeaturePopulation,
    blocks: Range<Int>
  ) throws(StoreError) {
    self.population = population
    let snapshot = population.snapshot
    let texts = plan.events.texts.map { _ in CategoryNames() }
    values = BlockValues(plan, eventTexts: texts, profileCount: snapshot.blockProfileCount)
    attributes = AttributeValues(plan, cutOff, snapshot, into: values)
    events = try EventFeatures(
      plan,
      eventRules,
      cutOff,
      snapshot,
      texts: texts,
      into: values
    )
    eligible = MemberWords(population.eligible)
    positive = population.positive.map { MemberWords($0) }
    for (index, feature) in plan.features.enumerated() {
      guard case .membership(let audience) = feature.source else { continue }
      let members = population.members[audience] ?? Bitmap()
      if case .number(let slot) = values.slots[index] {
        memberships.append((slot, MemberWords(members)))
      }
    }
    let size = snapshot.blockProfileCount
    let first = population.eligible.rank(blocks.lowerBound * size)
    let rowCount = population.eligible.rank(blocks.upperBound * size) - first
    numbers = (0..<values.numberCount).map { _ in Array(repeating: 0, count: rowCount) }
    codes = values.categories.map { _ in Array(repeating: 0, count: rowCount) }
  }

  /// Adds the rows of a block.
  func add(_ block: Int) throws(StoreError) {
    let snapshot = population.snapshot
    let flat = try snapshot.flatBlock(block)
    let first = block * snapshot.blockProfileCount
    chosen.removeAll(keepingCapacity: true)
    for profile in 0..<flat.profileCount where eligible.contains(first + profile) {
      chosen.append(profile)
    }
    if chosen.isEmpty { return }
    let ordinals = chosen.map { UInt32(truncatingIfNeeded: first + $0) }
    rows.keyHashes += try snapshot.keyHashes(of: ordinals)
    rows.ordinals += ordinals
    if positive != nil {
      for ordinal in ordinals { rows.labels.append(positive?.contains(Int(ordinal)) ?? false) }
    }
    values.begin()
    try attributes.write(block, flat)
    try events.write(block, flat, of: chosen)
    for index in memberships.indices {
      for profile in chosen {
        let isMember = memberships[index].words.contains(first + profile)
        values.set(isMember ? 1 : 0, of: memberships[index].slot, profile)
      }
    }
    take()
  }

  /// Takes the chosen profiles' values over into the columns.
  private func take() {
    for column in numbers.indices {
      values.copy(chosen, ofNumbers: column, to: &numbers[column], at: takenCount)
    }
    for column in codes.indices {
      values.copy(chosen, ofCodes: column, to: &codes[column], at: takenCount)
    }
    takenCount += chosen.count
  }

  /// The rows of all blocks.
  func finish() throws(FeatureError) -> FeatureRows {
    if let (rule, failure) = events.failure { throw .failed(rule: rule, failure) }
    rows.metKinds = events.metKinds
    for slot in values.slots {
      switch slot {
      case .number(let column): rows.columns.append(.numeric(numbers[column]))
      case .category(let column):
        rows.columns.append(
          .categorical(codes: codes[column], names: values.categories[column].names)
        )
      }
    }
    return rows
  }
}

/// Tells who is in a set, asked in ascending order of the ordinals.
struct MemberWords {
  /// As `Bitmap.words(ofChunk:)` has it.
  private static let chunkSize = Bitmap.chunkSize

  private let members: Bitmap
  private var chunk = -1
  private var words: [UInt64] = []

  init(_ members: Bitmap) { self.members = members }

  mutating func contains(_ ordinal: Int) -> Bool {
    let (chunk, place) = ordinal.quotientAndRemainder(dividingBy: Self.chunkSize)
    if chunk != self.chunk {
      self.chunk = chunk
      words = chunk < members.chunkCount ? members.words(ofChunk: chunk) : []
    }
    return place >> 6 < words.count && words[place >> 6] >> UInt64(place & 63) & 1 == 1
  }
}
