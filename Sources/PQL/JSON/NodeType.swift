/// What a node of `pql/json` is, by its `nodeType`.
///
/// `fnApply` to `varRef` are those that Adobe's public samples show; the others say what the samples
/// are silent about, in the same style.
enum NodeType: String, CaseIterable, Hashable, Sendable {
  /// `fnName`, `params`: an operator or a function, its receiver first.
  case fnApply
  /// `fieldName`, `object`: one property; nested for each dot of a path.
  case fieldLookup
  /// `position`: 1 is the profile.
  case parameterReference
  /// `literalType`, `value`.
  case literal
  /// `variables`.
  case select
  /// `varName`, `from`, `where`; only among `variables`.
  case varDecl
  /// `varName`.
  case varRef
  /// `params`, `body`; only as a whole definition or as a parameter of `fnApply`.
  case lambda
  /// `varName`, `value`, `in`.
  case binding = "let"
  /// `variables`.
  case exists, forall
  /// `fnName`, `value`, `variables`.
  case aggregate
  /// `array`, `where`: `array[condition]`.
  case filter
  /// The innermost implicit item.
  case this
  /// `levels`: the implicit item so many levels further out; only what something is taken from.
  case up
  /// `fields`: an object by key, or an array of `{key, value}` where the keys do not ascend.
  case object
  /// `items`: a list that is not of literals alone.
  case list
  /// `subject`, `test`.
  case occurs
  /// `word`: now, today, yesterday or tomorrow.
  case timeWord
  /// `which`, `unit`: this month, last week; only a reference of a time test.
  case calendarUnit
  /// `array`, `timestamp`, `steps`.
  case chain
  /// `label`, `excluded`, `what`, `where`, `when`, `count`; only among `steps`.
  case step
  /// `object`, `names`: a path with more dots than `nestedNameCountMax`.
  case path
  /// `first`, `steps` of `fnName`, `operand`: a sum or product that changes its operator more often
  /// than `nestedRunCountMax`.
  case arithmetic

  /// The most names of a path written as nested `fieldLookup`s.
  static let nestedNameCountMax = 16
  /// The most runs of one operator written as nested `fnApply`s.
  static let nestedRunCountMax = 8
}
