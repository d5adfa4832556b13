import Bytes

/// Names and dictionaries as a block file numbers them, while its blocks are written.
///
/// Both lists go on from those of the file before: what it numbered keeps its number.
final class SealedCatalogue {
  private let dictionaries: [ColumnDictionary]
  private var fileNumbers: [Int]
  /// For each name its number in the file; -1 when it has none yet.
  private var fileNameNumbers: [Int]
  private(set) var fileNames: [Text]
  /// For each dictionary of the file its number here.
  private(set) var fileDictionaries: [Int]

  /// Numbers the dictionaries that columns may refer to.
  ///
  /// - Parameters:
  ///   - fileNames: the names of the file before.
  ///   - dictionaries: all; the first of them are those of the file before.
  init(fileNames: [Text], dictionaries: [ColumnDictionary]) {
    self.dictionaries = dictionaries
    self.fileNames = fileNames
    fileNameNumbers = Array(fileNames.indices)
    fileNumbers = Array(repeating: -1, count: dictionaries.count)
    fileDictionaries = []
    for (number, dictionary) in dictionaries.enumerated() where dictionary.isShared {
      fileNumbers[number] = fileDictionaries.count
      fileDictionaries.append(number)
    }
  }

  /// The number of a dictionary in the file; `nil` when columns have texts of their own instead.
  func fileDictionary(_ number: Int) -> Int? {
    fileNumbers[number] < 0 ? nil : fileNumbers[number]
  }

  /// The code of a text in a dictionary that columns may refer to.
  func code(of text: UnsafeRawBufferPointer, ofDictionary number: Int) -> Int? {
    guard number >= 0, fileNumbers[number] >= 0 else { return nil }
    return unsafe dictionaries[number].texts.find(text)
  }

  func text(_ code: Int, ofDictionary number: Int) -> ArraySlice<UInt8> {
    dictionaries[number].texts[code]
  }

  /// The number of a name in the file, which gets one when it is first asked for.
  func fileName(_ name: Int, of names: [Text]) -> Int {
    if name >= fileNameNumbers.count {
      fileNameNumbers += Array(repeating: -1, count: name + 1 - fileNameNumbers.count)
    }
    if fileNameNumbers[name] < 0 {
      fileNameNumbers[name] = fileNames.count
      fileNames.append(names[name])
    }
    return fileNameNumbers[name]
  }
}
