/// `= != < <= > >=`.
package enum Comparison: String, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  case equal = "="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

/// `+ - * / %`; all take their left operand first.
package enum ArithmeticOperator: String, CaseIterable, Hashable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"

  /// `* / %` bind tighter than `+ -`.
  package var isMultiplicative: Bool {
    switch self {
    case .add, .subtract: false
    case .multiply, .divide, .remainder: true
    }
  }
}

/// One further operand of a sum or of a product, applied to all that stands left of it.
package struct ArithmeticStep<Operand: Hashable & Sendable>: Hashable, Sendable {
  package var symbol: ArithmeticOperator
  package var operand: Operand

  package init(_ symbol: ArithmeticOperator, _ operand: Operand) {
    self.symbol = symbol
    self.operand = operand
  }
}

/// The four functions that also have a comprehension: `sum e over X from a`.
package enum Aggregate: String, CaseIterable, Hashable, Sendable {
  case sum
  case average
  case min
  case max
}
