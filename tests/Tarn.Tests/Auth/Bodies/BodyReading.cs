using Tarn.Core.Objects.Writing;

namespace Tarn.Tests.Auth.Bodies;

/// <summary>Reads an upload body to its end.</summary>
internal static class BodyReading
{
    public static async Task<byte[]> AllAsync(IUploadBody body)
    {
        using var bytes = new MemoryStream();
        while (true)
        {
            var run = await body.ReadAsync(TestContext.Current.CancellationToken).ConfigureAwait(false);
            if (run.IsEmpty)
            {
                return bytes.ToArray();
            }

            foreach (var segment in run)
            {
                bytes.Write(segment.Span);
            }
        }
    }
}
