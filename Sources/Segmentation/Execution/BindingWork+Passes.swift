import Bytes
import Domain
import ProfileStore

/// What the bits of a pass are for; see `PassStep`.
@unsafe struct PassBits {
  var marked: UInt64 = 0
  var counted: UInt64 = 0
  var countedAcross: UInt64 = 0
  var summed: UInt64 = 0
  var partners: UnsafePointer<HalfBits>
  var partnerCount = 0
}

extension BindingWork {
  func passStep(
    _ pass: TableLayout.Pass,
    _ bits: PassBits,
    _ shape: TableFields,
    _ fields: [Int],
    _ maskTable: Int,
    _ constant: UInt64,
    _ rows: RowSet,
    _ binding: ShardBinding
  ) -> PassStep {
    var (target, number) = (PassStep.Target.attributes, 0)
    var sums: [SumStep] = unsafe []
    let parts = binding.meterParts
    var meterPart = parts.events(ofType: shape.shape.type)
    switch pass.target {
    case .word(let word):
      number = word
      if pass.isOfAttributes {
        meterPart = parts.attributes(word: word)
      } else {
        target = .word
      }
      if unsafe bits.summed != 0 {
        unsafe sums = sumSteps(of: conditions.words[word], bits.summed, shape, parts)
      }
    case .halves(let word):
      (target, number) = (.halves, word)
      meterPart = parts.halves(ofType: shape.shape.type)
    }
    return unsafe PassStep(
      target: target,
      number: number,
      bits: pass.bits,
      rows: rows,
      fields: binding.arena.store(fields),
      fieldCount: fields.count,
      maskTable: maskTable,
      constant: constant,
      marked: bits.marked,
      counted: bits.counted,
      countedAcross: bits.countedAcross,
      sums: binding.arena.store(sums),
      sumCount: sums.count,
      partners: bits.partners,
      partnerCount: bits.partnerCount,
      meterPart: meterPart
    )
  }

  /// What the bits of a pass are for.
  func passBits(_ pass: TableLayout.Pass) -> PassBits {
    var found = unsafe PassBits(partners: arena.store([]))
    switch pass.target {
    case .word(let number):
      if pass.isOfAttributes { return unsafe found }
      let word = conditions.words[number]
      unsafe found.counted = word.counted & pass.bits
      unsafe found.countedAcross = word.countedAcross & pass.bits
      unsafe found.summed = word.summed & pass.bits
      unsafe found.marked =
        pass.bits & ~(found.counted | found.countedAcross | found.summed)
    case .halves(let number):
      let partners = conditions.partners(number, pass.bits)
      unsafe found.partners = arena.store(partners)
      unsafe found.partnerCount = partners.count
    }
    return unsafe found
  }

  private func sumSteps(
    of word: EventConditions.Word,
    _ summed: UInt64,
    _ shape: TableFields,
    _ parts: MeterParts
  ) -> [SumStep] {
    var steps: [SumStep] = unsafe []
    for (bit, condition) in word.bits.enumerated() where summed >> UInt64(bit) & 1 == 1 {
      guard case .sum(let number) = condition.purpose else { continue }
      let value = conditions.sums[number].value
      let isOfOneType = condition.isOfOneType
      let known = unsafe steps.firstIndex {
        unsafe $0.value == value && $0.isOfOneType == isOfOneType
      }
      if let known {
        unsafe steps[known].bits |= 1 << UInt64(bit)
        continue
      }
      var step = unsafe SumStep(
        value: value,
        bits: 1 << UInt64(bit),
        isOfOneType: isOfOneType,
        meterPart: parts.sums(of: value)
      )
      let path = conditions.values[value].names
      if let field = shape.field(path) {
        unsafe step.firstLane = field.firstLane
        unsafe step.laneCount = field.lanes.count
      } else {
        unsafe step.isWithin = shape.place(of: path) == .within
      }
      unsafe steps.append(step)
    }
    return unsafe steps
  }
}
