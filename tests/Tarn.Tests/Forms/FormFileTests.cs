using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Forms;
using Tarn.Tests.Objects;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Forms;

/// <summary>The file of a form on its way into the store: whole, or not at all.</summary>
public sealed class FormFileTests
{
    private const string Boundary = "b";
    private static readonly string Second = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"FILE\"\r\n\r\nx\r\n";

    private readonly StoreFixture _fixture = new();

    [Theory]
    [InlineData(0)]
    [InlineData(InlineLimit)]
    [InlineData(InlineLimit + 1)]
    [InlineData(500_000)]
    public async Task A_file_is_stored(int length)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await StoreAsync(bucket, FormBody.Encode(Boundary, [("key", "key")], Bytes(length)), least: length, most: length);
        Assert.Equal(Bytes(length), await _fixture.ReadAsync(bucket, "key"));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Theory]
    [InlineData("second file", "InvalidArgument")]
    [InlineData("cut off", "MalformedPOSTRequest")]
    [InlineData("cut off after the file", "MalformedPOSTRequest")]
    [InlineData("too small", "EntityTooSmall")]
    [InlineData("too large", "EntityTooLarge")]
    public async Task Of_a_form_that_is_refused_nothing_stays_and_the_object_before_does(string how, string code)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(7));
        foreach (int length in new[] { 5, InlineLimit + 1, 500_000 })
        {
            byte[] form = FormBody.Encode(Boundary, [("key", "key")], Bytes(length), after: how == "second file" ? Second : "");
            form = how switch { "cut off" => form[..^(8 + (length / 2))], "cut off after the file" => form[..^3], _ => form };
            var refusal = await Assert.ThrowsAsync<S3Exception>(() => StoreAsync(
                bucket, form, least: how == "too small" ? length + 1 : 0, most: how == "too large" ? length - 1 : long.MaxValue));
            Assert.Equal(code, refusal.Error.Code);
            Assert.Equal(Bytes(7), await _fixture.ReadAsync(bucket, "key"));
            await _fixture.AssertNothingLeaksAsync();
        }
    }

    private async Task StoreAsync(Bucket bucket, byte[] form, long least, long most)
    {
        using var reader = new MultipartFormReader(new FormBody(form, _ => 3000), Boundary);
        FormFields fields = await FormFields.ReadAsync(reader, Token);
        await _fixture.Store.Writer.PutAsync(
            bucket, fields.Key(), "owner", ObjectMetadata.Empty, new FormFile(reader, least), new IngestRequest { MaxLength = most }, WriteCondition.None, Token);
    }
}
