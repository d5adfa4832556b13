import Bytes
import Domain
import ProfileStore

extension BindingWork {
  func passStep(
    _ pass: TableLayout.Pass,
    _ shape: TableFields,
    _ fields: [Int],
    _ maskTable: Int,
    _ constant: UInt64,
    _ rows: RowSet,
    _ binding: ShardBinding
  ) -> PassStep {
    var (target, number) = (PassStep.Target.attributes, 0)
    var (marked, counted, countedAcross) = (0 as UInt64, 0 as UInt64, 0 as UInt64)
    var sums: [SumStep] = unsafe []
    var partners: [HalfBits] = []
    switch pass.target {
    case .word(let word):
      number = word
      if !pass.isOfAttributes {
        target = .word
        counted = conditions.words[word].counted & pass.bits
        countedAcross = conditions.words[word].countedAcross & pass.bits
        let summed = conditions.words[word].summed & pass.bits
        marked = pass.bits & ~(counted | countedAcross | summed)
        unsafe sums = sumSteps(of: conditions.words[word], summed, shape)
      }
    case .halves(let word):
      (target, number) = (.halves, word)
      partners = conditions.partners(word, pass.bits)
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
      marked: marked,
      counted: counted,
      countedAcross: countedAcross,
      sums: binding.arena.store(sums),
      sumCount: sums.count,
      partners: binding.arena.store(partners),
      partnerCount: partners.count
    )
  }

  private func sumSteps(
    of word: EventConditions.Word,
    _ summed: UInt64,
    _ shape: TableFields
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
      var step = unsafe SumStep(value: value, bits: 1 << UInt64(bit), isOfOneType: isOfOneType)
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
