using Tarn.S3.Routing;

namespace Tarn.Tests.Routing;

public sealed class RefusedHeadersTests
{
    [Theory]
    [InlineData("x-amz-object-lock-mode", false)]
    [InlineData("X-Amz-Object-Lock-Retain-Until-Date", false)]
    [InlineData("x-amz-server-side-encryption", true)]
    public void A_row_that_accepts_a_family_refuses_no_header_of_it(string header, bool isRefused)
    {
        S3Operation row = OperationRow() with { Headers = ["x-amz-object-lock-*"] };
        Assert.Equal(isRefused, row.Refused.Find(header) is not null);
        Assert.NotNull(OperationRow().Refused.Find(header));
    }

    private static S3Operation OperationRow() => new("PutObject", "PUT", S3Target.Object, "s3:PutObject");
}
