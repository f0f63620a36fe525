namespace Tarn.Server.Federation;

/// <summary>An issuer cannot be asked, or does not answer as it must. The message says why, for administrators.</summary>
internal sealed class IssuerException(string message, Exception? inner = null) : IOException(message, inner);
