package import Bytes
package import Domain
package import PQL

/// A definition's object with the place it was read from.
package struct DefinitionSource: Hashable, Sendable {
  package var document: Value
  package var place: DefinitionPlace

  package init(document: Value, place: DefinitionPlace = DefinitionPlace()) {
    self.document = document
    self.place = place
  }
}

/// Where a definition stands, for messages about it.
package struct DefinitionPlace: Hashable, Sendable {
  /// The file's path as the operator wrote it.
  package var file: Text?
  /// The line of the file on which the PQL begins, 1-based; `nil` for PQL inside a JSON text.
  package var firstLine: Int?
  /// 0-based place in a list; `nil` for a definition that stands alone.
  package var index: Int?

  package init(file: Text? = nil, firstLine: Int? = nil, index: Int? = nil) {
    self.file = file
    self.firstLine = firstLine
    self.index = index
  }

  /// A place of the definition's PQL as a place of the file, where that makes sense.
  package func spot(_ position: SourcePosition) -> DefinitionError.Spot {
    guard let firstLine else { return .inMember(position) }
    return .inFile(SourcePosition(line: firstLine - 1 + position.line, column: position.column))
  }
}
