namespace Tarn.Core.Consistency;

/// <summary>What is copied cannot be read. Who copies goes on without it; any other failure is that of where the copy goes, and ends the work.</summary>
internal sealed class SourceUnreadableException(string message, Exception? inner = null) : IOException(message, inner);
