using Microsoft.AspNetCore.Http;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.S3.Requests;

namespace Tarn.Tests.Pipeline;

/// <summary>An entry of DeleteObjects is refused as a separate request would be: a full disk is not an internal error.</summary>
public sealed class RefusalTests
{
    public static TheoryData<Exception, string> Thrown => new()
    {
        { new S3Exception(S3Error.NoSuchKey), "NoSuchKey" },
        { new StorageFullException(), "InsufficientStorage" },
        { new StoreFailedException("secret", new IOException("secret")), "ServiceUnavailable" },
        { new BadHttpRequestException("too large", 413), "EntityTooLarge" },
        { new IOException("secret"), "InternalError" },
    };

    [Theory]
    [MemberData(nameof(Thrown))]
    public void Names_what_was_thrown(Exception thrown, string code)
    {
        S3Exception refusal = Refusal.Of(thrown);
        Assert.Equal(code, refusal.Error.Code);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }
}
