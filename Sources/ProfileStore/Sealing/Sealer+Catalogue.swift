import Bytes
import Domain

extension Sealer {
  /// What the file says of its names, types, dictionaries and maps.
  func fileCatalogue(
    _ types: [Text],
    _ catalogue: SealedCatalogue,
    _ builder: BlockBuilder
  ) -> FileCatalogue {
    var file = FileCatalogue()
    file.names = catalogue.fileNames
    let tree = builder.reader.programs.tree
    func path(_ node: Int32) -> FieldPath {
      var path = tree.path(to: node)
      path.steps = path.steps.map { step in
        step == FieldTree.element
          ? step : Int32(catalogue.fileName(Int(step), of: builder.reader.programs.names.names))
      }
      return path
    }
    for number in catalogue.fileDictionaries {
      let dictionary = transcoder.dictionaries[number]
      file.dictionaries.append(
        FileCatalogue.Dictionary(path: path(dictionary.node), entryCount: dictionary.texts.count)
      )
    }
    for node in tree.nodes.indices where tree.isMap(Int32(node)) {
      file.maps.append(path(Int32(node)))
    }
    file.names = catalogue.fileNames
    file.eventTypes = types
    return file
  }
}
