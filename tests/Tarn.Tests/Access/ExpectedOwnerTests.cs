using Tarn.TestKit.Http;

namespace Tarn.Tests.Access;

/// <summary>x-amz-expected-bucket-owner names the account that ARNs show, or the canonical user id.</summary>
public sealed class ExpectedOwnerTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    [InlineData("a.user")]
    public async Task Either_name_of_the_owner_will_do(string who)
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.OkAsync("a", "PUT bucket/key", "x");
        await host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}""");
        foreach (string owner in new[] { "a", TestIdentity.IdOf("a") })
        {
            await host.OkAsync(who, "GET bucket/key", null, $"x-amz-expected-bucket-owner: {owner}");
            await host.OkAsync(who, "PUT bucket/copy", null, "x-amz-copy-source: bucket/key", $"x-amz-source-expected-bucket-owner: {owner}", $"x-amz-expected-bucket-owner: {owner}");
        }

        foreach (string other in new[] { "b", "A", "", "a,a", "nobody", TestIdentity.IdOf("b") })
        {
            await host.RefusedAsync("AccessDenied", who, "GET bucket/key", null, $"x-amz-expected-bucket-owner: {other}");
            RawS3Response copy = await host.RefusedAsync(
                "AccessDenied", who, "PUT bucket/copy", null, "x-amz-copy-source: bucket/key", $"x-amz-source-expected-bucket-owner: {other}");
            Assert.Equal("Access Denied", copy.Xml.Element("Message")!.Value);
        }
    }

    [Theory]
    [InlineData("a", null)]
    [InlineData("b", "AccessDenied")]
    public async Task A_form_says_it_in_a_field(string owner, string? code)
    {
        await using AccessHost host = await AccessHost.StartAsync();
        await host.OkAsync("a", "PUT bucket");
        await host.PolicyAsync("bucket", """{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}""");
        string form = string.Concat(new[] { ("key", "key"), ("x-amz-expected-bucket-owner", owner), ("file", "x") }.Select(
            static field => $"--b\r\nContent-Disposition: form-data; name=\"{field.Item1}\"\r\n\r\n{field.Item2}\r\n")) + "--b--\r\n";
        const string Type = "Content-Type: multipart/form-data; boundary=b";
        _ = code is null ? await host.OkAsync(null, "POST bucket", form, Type) : await host.RefusedAsync(code, null, "POST bucket", form, Type);
    }
}
