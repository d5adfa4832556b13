package import Bytes

extension Query {
  /// A definition's text with a condition on the profile's events put behind every mention of them.
  ///
  /// `xEvent` becomes `xEvent[condition]`, so the definition speaks of those events alone. The
  /// condition's names are properties of an event.
  ///
  /// - Parameters:
  ///   - source: the text of the definition.
  ///   - condition: what an event has to fulfil.
  /// - Returns: the new text.
  /// - Throws: why the definition cannot be read, or that it is too long with the condition.
  package static func text(
    _ source: Text,
    ofEventsWith condition: Text
  ) throws(LanguageError) -> Text {
    let tokens: [Token]
    do throws(Fault) {
      tokens = try Lexer.tokens(of: source)
    } catch {
      throw LanguageError(error, in: source)
    }
    let bytes = Array(source.utf8)
    var text = ""
    var end = 0
    for token in tokens where token.isName {
      let name = String(decoding: bytes[token.range.start..<token.range.end], as: UTF8.self)
      guard name == "xEvent" || name == "`xEvent`" else { continue }
      text += String(decoding: bytes[end..<token.range.end], as: UTF8.self)
      text += "[\(condition)]"
      end = token.range.end
    }
    let result = Text(text + String(decoding: bytes[end...], as: UTF8.self))
    guard result.byteCount <= QueryLimits.textByteCountMax else {
      throw LanguageError(
        .textTooLong(byteCount: result.byteCount, limit: QueryLimits.textByteCountMax),
        at: .none,
        in: source
      )
    }
    return result
  }

  /// The names of all variables that are bound anywhere in the definition.
  package var boundNames: Set<Text> {
    var names = Set((parameters ?? []).map(\.text))
    var pending = [body]
    while let expression = pending.popLast() {
      pending += expression.form.children
      switch expression.form {
      case .binding(let variable, _, _): names.insert(variable.text)
      case .select(let declarations), .exists(let declarations), .forall(let declarations),
        .aggregate(_, _, let declarations):
        for declaration in declarations { names.insert(declaration.variable.text) }
      case .call(_, let arguments):
        for case .lambda(let parameters, _) in arguments {
          names.formUnion(parameters.map(\.text))
        }
      case .chain(let chain): for step in chain.steps { names.insert(step.label.text) }
      default: break
      }
    }
    return names
  }

  /// The names that stand by themselves anywhere in the definition: variables and properties of
  /// implicit items.
  package var plainNames: Set<Text> {
    var names: Set<Text> = []
    var pending = [body]
    while let expression = pending.popLast() {
      pending += expression.form.children
      if case .name(let name) = expression.form { names.insert(name) }
    }
    return names
  }
}
