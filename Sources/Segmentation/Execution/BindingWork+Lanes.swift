import Bytes
import Domain
import ProfileStore

extension BindingWork {
  func laneStep(
    _ lane: TableShape.Lane,
    _ key: CutKey,
    _ snapshot: ShardSnapshot,
    _ dictionaries: inout [[Int]: UnsafePointer<UInt16>],
    _ binding: ShardBinding
  ) throws(StoreError) -> LaneStep {
    let classifier = classifiers[key.field]
    var step = unsafe LaneStep(
      form: .asked,
      classes: binding.arena.store([]),
      cuts: LaneCuts([], [0], in: binding.arena)
    )
    switch lane.kind {
    case .booleans:
      unsafe step.form = .booleans
      unsafe step.classes = binding.arena.store([classifier.ofFalse, classifier.ofTrue])
    case .integers, .decimals, .instantTexts, .doubles:
      if let cuts = unsafe laneCuts(key) {
        unsafe step.form = lane.kind == .doubles ? .doubles : .numbers
        unsafe step.cuts = cuts
      }
    case .sharedTexts:
      unsafe step.form = .codes
      let number = [key.field, lane.dictionary]
      if let known = unsafe dictionaries[number] {
        unsafe step.classes = known
      } else {
        let made = classifier.classes(of: try snapshot.dictionary(lane.dictionary))
        unsafe step.classes = binding.arena.store([classifier.ofMissing] + made)
        unsafe dictionaries[number] = step.classes
      }
    case .ownTexts, .plainTexts: break
    }
    return unsafe step
  }

  private func laneCuts(_ key: CutKey) -> LaneCuts? {
    if let known = unsafe cuts[key] { return unsafe known }
    let classifier = classifiers[key.field]
    let all = classifier.cuts(key.order)
    if all.areAsked {
      unsafe cuts[key] = .some(nil)
      return nil
    }
    let tests = testSets[key.tests]
    // Of cuts where no test that matters changes its answer nothing is left, nor of those below.
    var places: [UInt64] = []
    var classes = [all.classes[0]]
    for (index, place) in all.places.enumerated() {
      let (last, next) = (classes[classes.count - 1], all.classes[index + 1])
      if place <= key.floor {
        classes = [next]
      } else if tests.contains(where: {
        classifier.fulfils(Int(last), $0) != classifier.fulfils(Int(next), $0)
      }) {
        places.append(place)
        classes.append(next)
      }
    }
    let made = unsafe LaneCuts(places, classes, in: arena)
    unsafe cuts[key] = made
    return unsafe made
  }
}

extension TableShape.Lane {
  /// How its values are ordered, when they are.
  var order: ValueOrder {
    switch kind {
    case .decimals: .decimals(scale: Int(detail))
    case .doubles: .doubles
    case .instantTexts: .texts(InstantStyle(rawValue: detail) ?? .millisecond)
    case .booleans, .integers, .sharedTexts, .ownTexts, .plainTexts: .integers
    }
  }
}
