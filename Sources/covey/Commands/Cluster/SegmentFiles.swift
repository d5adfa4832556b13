import Bytes
import Cluster
package import Domain
import Platform
import Runtime
package import Segmentation

/// Segment definitions read from files and folders.
package struct SegmentFiles {
  package let sources: [Segmentation.DefinitionSource]
  /// Checked, in the order of the files.
  package let definitions: [SegmentDefinition]
  package let fileCount: Int

  /// Reads and checks files, patterns, and the `.pql` and `.json` files of folders.
  package init(_ words: [String]) throws {
    let paths = try NamedFiles.paths(words, endings: [".pql", ".json"])
    sources = try paths.flatMap { path in
      let bytes = try StreamInput(path).readAll(byteCountMax: DefinitionFile.byteCountMax + 1)
      return try DefinitionFile.sources(bytes: bytes, name: path)
    }
    definitions = try DefinitionDocument.definitions(from: sources, zones: SystemZones.source)
    fileCount = paths.count
    let byID = Dictionary(definitions.map { ($0.id, $0) }) { first, _ in first }
    do {
      _ = try DefinitionOrder.order(byID)
    } catch {
      throw CommandFailure(.data, error.description)
    }
  }

  /// Ids that rules name and no file defines, each with a rule that names it.
  package var unknownReferences: [(id: String, user: Name)] {
    let known = Set(definitions.map(\.id.text))
    var seen: Set<Text> = []
    return definitions.flatMap { definition in
      definition.references.filter { !known.contains($0) && seen.insert($0).inserted }
        .map { (PlainText.line($0.string), definition.id) }
    }
  }

  /// Those of `unknownReferences` that the cluster does not define either.
  func unknownReferences(beside client: ClusterClient) throws -> [(id: String, user: Name)] {
    let unknown = unknownReferences
    guard !unknown.isEmpty else { return [] }
    let segments = Document(try client.document(.segments(set: nil))).list("segments")
    let known = Set(segments.map { $0.shown("id") })
    return unknown.filter { !known.contains($0.id) }
  }
}
