using System.Text;

namespace Tarn.Load.Http;

/// <summary>One request's outcome.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="BodyBytes">Bytes of response body.</param>
/// <param name="FirstByte">From the request's start (connecting included, where that was needed) to the first byte received.</param>
/// <param name="Total">From the same start to the last byte received.</param>
/// <param name="ErrorBody">The body of an unsuccessful response, else null.</param>
internal readonly record struct Exchange(int Status, long BodyBytes, TimeSpan FirstByte, TimeSpan Total, byte[]? ErrorBody)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The status and the start of the body, for display.</summary>
    public string Describe()
    {
        string text = ErrorBody is null ? "" : Encoding.UTF8.GetString(ErrorBody.AsSpan(0, Math.Min(300, ErrorBody.Length)));
        return $"HTTP {Status} {text.ReplaceLineEndings(" ")}".TrimEnd();
    }
}
