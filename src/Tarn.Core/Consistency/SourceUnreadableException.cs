namespace Tarn.Core.Consistency;

/// <summary>A rebuild cannot read a blob of its source. It goes on without the blob; any other failure is the new store's, and ends it.</summary>
internal sealed class SourceUnreadableException(string message, Exception? inner = null) : IOException(message, inner);
