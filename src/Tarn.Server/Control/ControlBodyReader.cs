using Tarn.Server.Connections;

namespace Tarn.Server.Control;

/// <summary>Reads the bodies of requests, within limits of length and time.</summary>
internal sealed class ControlBodyReader(TimeProvider time)
{
    /// <summary>The maximum length of a body, in bytes.</summary>
    public const int MaxLength = 1024 * 1024;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    /// <param name="context">The request.</param>
    /// <param name="maxLength">The maximum length, in bytes.</param>
    /// <exception cref="ControlRefusalException">413: it is longer than <paramref name="maxLength"/>; 408: it did not arrive within 30 seconds.</exception>
    public async ValueTask<byte[]> ReadAsync(HttpContext context, int maxLength = MaxLength)
    {
        if (context.Request.ContentLength > maxLength)
        {
            throw TooLong(maxLength);
        }

        using var limit = new CancellationTokenSource(MaxTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            return await BoundedBody.ReadAsync(context.Request.BodyReader, maxLength, both.Token) ?? throw TooLong(maxLength);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ControlRefusalException(StatusCodes.Status408RequestTimeout, "the body did not arrive in time");
        }
    }

    private static ControlRefusalException TooLong(int maxLength) => new(StatusCodes.Status413PayloadTooLarge, $"the body must have at most {maxLength} bytes");
}
