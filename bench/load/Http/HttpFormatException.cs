namespace Tarn.Load.Http;

/// <summary>The server sent something that is not the HTTP/1.1 this client reads.</summary>
internal sealed class HttpFormatException(string message) : IOException("malformed response: " + message);
