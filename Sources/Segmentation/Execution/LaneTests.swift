import Domain
import ProfileStore

/// What the tests of a field say of the values of one lane, by their index in the field.
enum LaneTests {
  case codes([CodeChoices.Choice?])
  case ordered(LaneStep.Form, [BindingWork.OrderedAnswers?])
  case booleans([(ofFalse: Bool, ofTrue: Bool)])
  /// Each value has to be asked about.
  case asked

  var form: LaneStep.Form {
    switch self {
    case .codes: .codes
    case .ordered(let form, _): form
    case .booleans: .booleans
    case .asked: .asked
    }
  }

  /// Bounds that are compared with at most: beyond, finding classes costs less.
  var boundCountMax: Int {
    switch self {
    case .codes, .booleans, .asked: 48
    case .ordered: 512
    }
  }

  /// The bounds by which a test is told; `nil` when that is not possible.
  ///
  /// Booleans have one, of which the vector is the lane itself.
  func bounds(_ test: TableLayout.Test) -> [UInt64]? {
    switch self {
    case .codes(let choices): test.isFloor ? nil : choices[test.index]?.codes
    case .ordered(_, let answers):
      answers[test.index].map { answers in
        // What holds for the least values has no floor.
        test.isFloor ? Array(answers.changes.prefix(answers.first ? 0 : 1)) : answers.changes
      }
    case .booleans(let answers):
      if test.isFloor {
        nil
      } else {
        answers[test.index].ofFalse == answers[test.index].ofTrue ? [] : [0]
      }
    case .asked: nil
    }
  }

  /// Whether the test holds where an even number of the bounds is met.
  func isInverse(_ test: TableLayout.Test) -> Bool {
    switch self {
    case .codes(let choices): choices[test.index]?.isInverse ?? false
    case .ordered(_, let answers): answers[test.index]?.first ?? false
    case .booleans(let answers): answers[test.index].ofFalse
    case .asked: false
    }
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
