/// A long option of a command.
package struct Option: Sendable {
  /// How many words it takes.
  package enum Arity: Equatable, Sendable {
    case flag
    case one
    /// Every word up to the next option; may be given again.
    case several
  }

  package var name: String
  package var arity: Arity
  /// What stands for the value in help; empty for a flag.
  package var placeholder: String
  package var summary: String
  package var isRequired = false
  package var suggestion = Suggestion.nothing

  /// Something that is on or off.
  package static func flag(_ name: String, _ summary: String) -> Option {
    Option(name: name, arity: .flag, placeholder: "", summary: summary)
  }

  /// One value.
  package static func value(
    _ name: String,
    _ placeholder: String,
    _ summary: String,
    suggestion: Suggestion = .nothing
  ) -> Option {
    Option(
      name: name,
      arity: .one,
      placeholder: placeholder,
      summary: summary,
      suggestion: suggestion
    )
  }

  /// One value that must be given.
  package static func required(
    _ name: String,
    _ placeholder: String,
    _ summary: String,
    suggestion: Suggestion = .nothing
  ) -> Option {
    var option = value(name, placeholder, summary, suggestion: suggestion)
    option.isRequired = true
    return option
  }

  /// Any number of values.
  package static func several(
    _ name: String,
    _ placeholder: String,
    _ summary: String,
    suggestion: Suggestion = .nothing
  ) -> Option {
    Option(
      name: name,
      arity: .several,
      placeholder: placeholder,
      summary: summary,
      suggestion: suggestion
    )
  }

  package static let help = Option.flag("help", "Show this page.")

  /// The option as help shows it.
  package var usage: String {
    switch arity {
    case .flag: "--\(name)"
    case .one: "--\(name) \(placeholder)"
    case .several: "--\(name) \(placeholder)…"
    }
  }
}

/// A word of a command without a name of its own.
package struct Operand: Sendable {
  package var placeholder: String
  package var summary: String
  package var isRequired: Bool
  /// Whether it takes all words that are left; the last operand only.
  package var isRepeated: Bool
  package var suggestion: Suggestion

  package static func one(
    _ placeholder: String,
    _ summary: String,
    suggestion: Suggestion = .nothing
  ) -> Operand {
    Operand(
      placeholder: placeholder,
      summary: summary,
      isRequired: true,
      isRepeated: false,
      suggestion: suggestion
    )
  }

  package static func optional(
    _ placeholder: String,
    _ summary: String,
    suggestion: Suggestion = .nothing
  ) -> Operand {
    Operand(
      placeholder: placeholder,
      summary: summary,
      isRequired: false,
      isRepeated: false,
      suggestion: suggestion
    )
  }

  /// Any number of words.
  package static func several(
    _ placeholder: String,
    _ summary: String,
    isRequired: Bool = true,
    suggestion: Suggestion = .nothing
  ) -> Operand {
    Operand(
      placeholder: placeholder,
      summary: summary,
      isRequired: isRequired,
      isRepeated: true,
      suggestion: suggestion
    )
  }

  /// The operand as help shows it.
  package var usage: String {
    let name = isRepeated ? placeholder + "…" : placeholder
    return isRequired ? name : "[\(name)]"
  }
}

/// What a shell offers where a value is due.
package enum Suggestion: Equatable, Sendable {
  case nothing
  case files
  case directories
  case words([String])
  /// The words of the commands.
  case commands
}
