package import Bytes
package import Domain

/// A definition as a program takes it.
package struct ProgramDefinition: Hashable, Sendable {
  package var id: Name
  package var version: UInt64
  /// The rule as PQL text.
  package var expression: Text
  /// IANA zone of the rule's days; `nil` is UTC.
  package var timeZone: Text?

  package init(id: Name, version: UInt64, expression: Text, timeZone: Text?) {
    self.id = id
    self.version = version
    self.expression = expression
    self.timeZone = timeZone
  }

  package init(_ definition: SegmentDefinition) {
    self.init(
      id: definition.id,
      version: definition.version,
      expression: definition.expression,
      timeZone: definition.timeZone
    )
  }
}

/// Why definitions make no program, and which of them is at fault.
package struct ProgramError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    case rule(RuleError)
    case unknownZone(Text)
    case idTwice
    /// It refers to a definition that does not come before it.
    case refersAhead(Text)
  }

  package var id: Name
  package var reason: Reason

  package init(id: Name, _ reason: Reason) {
    self.id = id
    self.reason = reason
  }
}

extension ProgramError: CustomStringConvertible {
  package var description: String {
    let words =
      switch reason {
      case .rule(let error): "\(error)"
      case .unknownZone(let name): "\(DefinitionError.Reason.unknownZone(name))"
      case .idTwice: "the id stands twice among the definitions of one run"
      case .refersAhead(let id): "'\(id)' is asked about and has to be evaluated before it"
      }
    return "definition '\(id)': \(words)"
  }
}
