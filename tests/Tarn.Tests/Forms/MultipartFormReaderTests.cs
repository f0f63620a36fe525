using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Forms;

namespace Tarn.Tests.Forms;

public sealed class MultipartFormReaderTests
{
    private const string Boundary = "--x-boundary";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The result is the same wherever the body is split into two runs.</summary>
    [Fact]
    public async Task It_is_read_alike_wherever_it_is_cut()
    {
        // The content is full of what looks like the beginning of a delimiter.
        byte[] file = Encoding.UTF8.GetBytes("\r\n----x-boundar\r\n--\r\r\n----x-boundar\r\n\r\n----x-boundarY--é\0\r");
        byte[] form = FormBody.Encode(Boundary, [("key", "a/é"), ("empty", ""), ("two\r\n lines", "1\r\n2")], file, "C:\\dir\\näme.txt", $"--{Boundary}\r\nContent-Disposition: form-data; name=submit\r\n\r\ngo\r\n");
        form = [.. "preamble\r\n"u8, .. form, .. "epilogue\r\n--"u8, .. Encoding.UTF8.GetBytes(Boundary), .. "\r\nnot a part"u8];
        form = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(form).Replace("two\r\n lines", "two", StringComparison.Ordinal));
        List<(string Name, string? FileName, byte[] Content)> expected = await ReadAllAsync(FormBody.Whole(form));
        Assert.Equal(["key", "empty", "two", "file", "submit"], expected.Select(p => p.Name));
        Assert.Equal("näme.txt", expected[3].FileName);
        Assert.Equal(["a/é", "", "1\r\n2"], expected.Take(3).Select(p => Encoding.UTF8.GetString(p.Content)));
        Assert.Equal(file, expected[3].Content);

        Same(expected, await ReadAllAsync(new FormBody(form, _ => 1)));
        for (int cut = 1; cut < form.Length; cut++)
        {
            Same(expected, await ReadAllAsync(new FormBody(form, at => at == 0 ? cut : int.MaxValue)));
        }
    }

    /// <summary>A form without its complete closing delimiter is malformed.</summary>
    [Fact]
    public async Task A_form_that_ends_anywhere_before_its_end_is_malformed()
    {
        byte[] form = FormBody.Encode(Boundary, [("key", "a")], [1, 2, 3]);
        for (int length = 0; length < form.Length - 2; length++)
        {
            var refusal = await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(FormBody.Whole(form[..length])));
            Assert.Equal(S3Error.MalformedPostRequest, refusal.Error);
        }

        Assert.Equal(2, (await ReadAllAsync(FormBody.Whole(form[..^2]))).Count);
    }

    /// <summary>Files larger than the buffer, of random bytes and with near-delimiters at random places, in random runs.</summary>
    [Fact]
    public async Task Large_files_come_through_in_any_runs()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            byte[] file = new byte[random.Next(1, 700_000)];
            random.NextBytes(file);
            byte[] near = Encoding.ASCII.GetBytes("\r\n--" + Boundary);
            for (int i = 0; i < 40; i++)
            {
                int length = Math.Min(random.Next(1, near.Length), file.Length);
                near.AsSpan(0, length).CopyTo(file.AsSpan(random.Next(file.Length - length + 1)));
            }

            // What is left over of one near-delimiter may have become part of another.
            Assert.True(file.AsSpan().IndexOf(near) < 0);
            byte[] form = FormBody.Encode(Boundary, [("key", "k")], file);
            int largest = seed % 3 == 0 ? 100 : 200_000;
            List<(string Name, string? FileName, byte[] Content)> parts = await ReadAllAsync(new FormBody(form, _ => random.Next(1, largest)));
            Assert.Equal(["key", "file"], parts.Select(p => p.Name));
            Assert.True(file.AsSpan().SequenceEqual(parts[1].Content), $"seed {seed}");
        }
    }

    /// <summary>Damaged forms are read or refused, without any other error.</summary>
    [Fact]
    public async Task Damage_is_read_or_refused()
    {
        byte[] whole = FormBody.Encode(Boundary, [("key", "a\"b"), ("policy", "e30=")], [.. Enumerable.Repeat((byte)7, 50)], "x\\\"y.txt");
        int read = 0, refused = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            byte[] form = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                form[random.Next(form.Length)] = random.Next(3) == 0 ? "\r\n-\";=:\\"u8[random.Next(8)] : (byte)random.Next(256);
            }

            try
            {
                await ReadAllAsync(new FormBody(form, _ => random.Next(1, 40)));
                read++;
            }
            catch (S3Exception e)
            {
                Assert.Equal(400, e.Error.Status);
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public async Task Fields_are_bounded_and_the_file_is_not()
    {
        int most = FormBuffer.MaxFieldBytes;
        var refusal = await Assert.ThrowsAsync<S3Exception>(() => FieldsAsync(most));
        Assert.Equal(S3Error.MaxPostPreDataLengthExceeded, refusal.Error);
        Assert.Equal(most - 400, (await FieldsAsync(most - 400))["x-ignore-a"]!.Length);

        static async Task<FormFields> FieldsAsync(int length)
        {
            byte[] form = FormBody.Encode(Boundary, [("x-ignore-a", new string('a', length))], new byte[100_000]);
            using var reader = new MultipartFormReader(new FormBody(form, _ => 1000), Boundary);
            FormFields fields = await FormFields.ReadAsync(reader, Token);
            long size = 0;
            while (await reader.ReadAsync(Token) is { IsEmpty: false } run)
            {
                size += run.Length;
            }

            Assert.Equal(100_000, size);
            return fields;
        }
    }

    [Fact]
    public async Task Fields_with_the_files_name_filled_in_are_bounded_too()
    {
        string many = string.Concat(Enumerable.Repeat("${filename}", 500));
        Assert.Equal(5000, (await FieldsAsync(new string('n', 10)))["x-ignore-a"]!.Length);
        var refusal = await Assert.ThrowsAsync<S3Exception>(() => FieldsAsync(new string('n', 10_000)));
        Assert.Equal(S3Error.MaxPostPreDataLengthExceeded, refusal.Error);

        async Task<FormFields> FieldsAsync(string name)
        {
            using var reader = new MultipartFormReader(FormBody.Whole(FormBody.Encode(Boundary, [("x-ignore-a", many)], [1], name)), Boundary);
            return await FormFields.ReadAsync(reader, Token);
        }
    }

    [Fact]
    public async Task Headers_without_end_are_too_long()
    {
        byte[] form = Encoding.ASCII.GetBytes($"--{Boundary}\r\nX: {new string('x', 100_000)}");
        Assert.Equal(S3Error.MaxPostPreDataLengthExceeded, (await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(FormBody.Whole(form)))).Error);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=abc", "abc")]
    [InlineData("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"", "a b")]
    [InlineData("multipart/form-data", null)]
    [InlineData("multipart/form-data; boundary=", null)]
    [InlineData("multipart/mixed; boundary=abc", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("nonsense", null)]
    [InlineData(null, null)]
    public void Boundaries(string? contentType, string? boundary) => Assert.Equal(boundary, MultipartFormReader.BoundaryOf(contentType));

    [Fact]
    public void A_boundary_has_at_most_70_characters()
    {
        Assert.NotNull(MultipartFormReader.BoundaryOf("multipart/form-data; boundary=" + new string('a', 70)));
        Assert.Null(MultipartFormReader.BoundaryOf("multipart/form-data; boundary=" + new string('a', 71)));
    }

    [Theory]
    [InlineData("form-data; name=\"a\"", "a", null)]
    [InlineData("form-data; name=a; filename=b", "a", "b")]
    [InlineData("FORM-DATA;NAME=\"a\";FILENAME=\"b c\"", "a", "b c")]
    [InlineData("form-data; name=\"a\\\"b\"; filename=\"C:\\dir\\x.txt\"", "a\"b", "x.txt")]
    [InlineData("form-data; name=\"a\"; filename=\"/home/u/x;y.txt\"", "a", "x;y.txt")]
    [InlineData("form-data; name=\"a\"; filename=\"\"", "a", "")]
    [InlineData("form-data; name=\"a\"; filename=\"?.txt\"; filename*=UTF-8''%C3%A9.txt", "a", "é.txt")]
    [InlineData("form-data; name=\"é\";", "é", null)]
    public async Task Dispositions(string value, string name, string? fileName)
    {
        (string Name, string? FileName, byte[] Content) part = Assert.Single(await ReadAllAsync(OnePart("X-Other: 1\r\ncontent-disposition: " + value + "\r\n")));
        Assert.Equal((name, fileName), (part.Name, part.FileName));
    }

    [Theory]
    [InlineData("X: y")]
    [InlineData("Content-Disposition: form-data")]
    [InlineData("Content-Disposition: attachment; name=\"a\"")]
    [InlineData("Content-Disposition: form-data; filename=\"a\"")]
    [InlineData("Content-Disposition: form-data; name=\"a")]
    [InlineData("Content-Disposition: form-data; name=\"a\"b")]
    [InlineData("Content-Disposition: form-data; name")]
    [InlineData("")]
    public async Task Parts_without_a_name_are_malformed(string headers)
    {
        FormBody form = OnePart(headers.Length == 0 ? "" : headers + "\r\n");
        Assert.Equal(S3Error.MalformedPostRequest, (await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(form))).Error);
    }

    /// <summary>A name that is not UTF-8 is refused, not stored as something else.</summary>
    [Fact]
    public async Task Names_that_are_not_text_are_malformed()
    {
        byte[] form = Encoding.Latin1.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\u00e9.txt\"\r\n\r\nx\r\n--{Boundary}--\r\n");
        Assert.Equal(S3Error.MalformedPostRequest, (await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(FormBody.Whole(form)))).Error);
    }

    /// <summary>Of the field's own delimiter and of that after the file.</summary>
    [Theory]
    [InlineData(99)]
    [InlineData(101)]
    [InlineData(100_000)]
    public async Task A_delimiter_with_a_long_tail_is_malformed(int tail)
    {
        foreach (string name in new[] { "a", "file" })
        {
            byte[] form = Encoding.ASCII.GetBytes(
                $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nx\r\n--{Boundary}{new string('t', tail)}\r\n\r\ny\r\n--{Boundary}--\r\n");
            Assert.Equal(400, (await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(FormBody.Whole(form)))).Error.Status);
        }
    }

    /// <summary>The file may itself hold a form whose boundary begins with this one's: it must not end there unnoticed.</summary>
    [Theory]
    [InlineData("x\r\nContent-Disposition: form-data; name=\"inner\"\r\n\r\n")]
    [InlineData("-\r\n")]
    [InlineData(" x\r\n\r\n")]
    public async Task A_line_that_only_begins_with_the_delimiter_is_malformed(string rest)
    {
        byte[] form = FormBody.Encode(Boundary, [("key", "a")], Encoding.ASCII.GetBytes($"before\r\n--{Boundary}{rest}after"));
        Assert.Equal(S3Error.MalformedPostRequest, (await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(FormBody.Whole(form)))).Error);
    }

    [Fact]
    public async Task Blanks_around_headers_count_towards_the_fields()
    {
        string part = $"--{Boundary}\r\nX:{new string(' ', 10_000)}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
        byte[] form = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(part, 3)) + $"--{Boundary}--\r\n");
        Assert.Equal(S3Error.MaxPostPreDataLengthExceeded, (await Assert.ThrowsAsync<S3Exception>(() => ReadAllAsync(FormBody.Whole(form)))).Error);
    }

    [Fact]
    public async Task What_follows_the_last_part_is_read_whatever_its_length()
    {
        byte[] form = [.. FormBody.Encode(Boundary, [("key", "a")], [1, 2, 3]), .. new byte[500_000]];
        Assert.Equal(2, (await ReadAllAsync(FormBody.Whole(form))).Count);
    }

    private static FormBody OnePart(string headers) => FormBody.Whole(Encoding.UTF8.GetBytes($"--{Boundary}\r\n{headers}\r\nx\r\n--{Boundary}--\r\n"));

    private static async Task<List<(string Name, string? FileName, byte[] Content)>> ReadAllAsync(FormBody body)
    {
        var parts = new List<(string, string?, byte[])>();
        using var reader = new MultipartFormReader(body, Boundary);
        while (await reader.NextAsync(Token) is { } part)
        {
            if (part.Name == "file")
            {
                reader.BeginFile();
            }

            var content = new List<byte>();
            while (await reader.ReadAsync(Token) is { IsEmpty: false } run)
            {
                content.AddRange(run.Span);
            }

            parts.Add((part.Name, part.FileName, [.. content]));
        }

        return parts;
    }

    private static void Same(List<(string Name, string? FileName, byte[] Content)> expected, List<(string Name, string? FileName, byte[] Content)> actual)
    {
        Assert.Equal(expected.Select(p => (p.Name, p.FileName)), actual.Select(p => (p.Name, p.FileName)));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Content, pair.Second.Content));
    }
}
