package import Bytes

/// Why a LightGBM model text cannot be imported.
package enum LightGBMError: Error, Equatable, Sendable {
  case invalidUTF8
  /// The text does not begin as a model does.
  case notAModel
  case missingKey(String, tree: Int?)
  case invalidValue(key: String, tree: Int?)
  /// Something that LightGBM knows and this program does not, such as several classes.
  case unsupported(what: String)
  /// A feature with more thresholds or categories than a byte tells apart.
  case tooManyBins(feature: Text, count: Int)
  /// The children of a tree's nodes do not make a tree.
  case malformedTree(Int)
  /// A column is not the feature that it should be; `nil` where one of them has none.
  case otherFeature(column: Int, found: Text?, expected: Text?)
  /// A feature is tested for other categories than its column has, or for numbers where it has any.
  case otherCategories(feature: Text, count: Int)
}

extension LightGBMError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalidUTF8: "the LightGBM model is not valid UTF-8"
    case .notAModel: "the text is not a LightGBM model: it does not begin with 'tree'"
    case .missingKey(let key, let tree): "'\(key)' is missing\(Self.place(tree))"
    case .invalidValue(let key, let tree): "'\(key)' has an invalid value\(Self.place(tree))"
    case .unsupported(let what): "LightGBM models with \(what) cannot be imported"
    case .tooManyBins(let feature, let count):
      "'\(feature)' is split in \(count) places, at most \(FeatureBins.binCountMax - 2) can be told "
        + "apart; train with max_bin=255"
    case .malformedTree(let tree): "the nodes of tree \(tree) do not make a tree"
    case .otherFeature(let column, let found?, let expected?):
      "column \(column) of the LightGBM model is '\(found)', and '\(expected)' is measured there"
    case .otherFeature(let column, let found?, nil):
      "column \(column) of the LightGBM model, '\(found)', is not measured"
    case .otherFeature(let column, nil, let expected):
      "the LightGBM model ends before column \(column)\(expected.map { ", '\($0)'" } ?? "")"
    case .otherCategories(let feature, 0):
      "the LightGBM model takes '\(feature)' for a category; what its numbers mean is not known"
    case .otherCategories(let feature, let count):
      "the LightGBM model does not take '\(feature)' for one of \(count) categories"
    }
  }

  private static func place(_ tree: Int?) -> String {
    tree.map { " in tree \($0)" } ?? " in the header"
  }
}
