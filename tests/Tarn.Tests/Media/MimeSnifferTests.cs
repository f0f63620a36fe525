using System.Text;
using Tarn.Core.Media;

namespace Tarn.Tests.Media;

/// <summary>The tables of the WHATWG MIME Sniffing Standard, "Identifying a resource with an unknown MIME type".</summary>
public sealed class MimeSnifferTests
{
    private static readonly string[] Tags =
    [
        "<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A", "<STYLE", "<TITLE", "<B", "<BODY", "<BR", "<P", "<!--",
    ];

    [Fact]
    public void Html_begins_with_one_of_its_tags()
    {
        foreach (string tag in Tags)
        {
            foreach (string before in new[] { "", " ", "\t\n\f\r  " })
            {
                Assert.Equal("text/html", Sniff(before + tag + ">"));
                Assert.Equal("text/html", Sniff(before + tag.ToLowerInvariant() + " x"));
            }

            Assert.Equal("text/plain", Sniff(tag));
            Assert.Equal("text/plain", Sniff(tag + "\n"));
            Assert.Equal("text/plain", Sniff("x" + tag + ">"));
        }
    }

    [Theory]
    [InlineData("<?xml version", "text/xml")]
    [InlineData(" \n<?xml", "text/xml")]
    [InlineData("<?XML", "text/plain")]
    [InlineData("%PDF-1.7", "application/pdf")]
    [InlineData(" %PDF-1.7", "text/plain")]
    [InlineData("%!PS-Adobe-3", "application/postscript")]
    [InlineData("BM", "image/bmp")]
    [InlineData("GIF87a", "image/gif")]
    [InlineData("GIF89a", "image/gif")]
    [InlineData("GIF88a", "text/plain")]
    [InlineData("RIFFabcdWEBPVP8 ", "image/webp")]
    [InlineData("RIFFabcdWAVEfmt", "audio/wave")]
    [InlineData("RIFFabcdAVI LIST", "video/avi")]
    [InlineData("FORMabcdAIFF", "audio/aiff")]
    [InlineData("ID3", "audio/mpeg")]
    [InlineData("OggS\0", "application/ogg")]
    [InlineData("MThd\0\0\0\u0006", "audio/midi")]
    [InlineData("PK\u0003\u0004", "application/zip")]
    [InlineData("Rar!\u001a\u0007\0", "application/x-rar-compressed")]
    [InlineData("", "text/plain")]
    [InlineData("words and\twords\r\n\u001b[0m\f", "text/plain")]
    [InlineData("words\0", "application/octet-stream")]
    [InlineData("\u000b", "application/octet-stream")]
    [InlineData("\u001f", "application/octet-stream")]
    public void Signatures_of_text(string content, string type) => Assert.Equal(type, Sniff(content));

    [Theory]
    [InlineData("FEFF0041", "text/plain")]
    [InlineData("FFFE4100", "text/plain")]
    [InlineData("EFBBBF00", "text/plain")]
    [InlineData("FEFF00", "application/octet-stream")]
    [InlineData("00000100", "image/x-icon")]
    [InlineData("00000200", "image/x-icon")]
    [InlineData("89504E470D0A1A0A", "image/png")]
    [InlineData("FFD8FF", "image/jpeg")]
    [InlineData("1F8B08", "application/x-gzip")]
    [InlineData("00000010667479706D70343100000000", "video/mp4")]
    [InlineData("00000018667479706973" + "6F6D00000000" + "69736F6D6D703432", "video/mp4")]
    [InlineData("00000018667479706973" + "6F6D00000000" + "69736F6D61766331", "application/octet-stream")]
    [InlineData("00000020667479706D70343100000000", "application/octet-stream")]
    [InlineData("1A45DFA39F4286810142F7810142F2810442F381084282847765626D", "application/octet-stream")]
    [InlineData("1A45DFA39F4286810142F7810142F2810442F381084282847765626D42", "video/webm")]
    [InlineData("1A45DFA39F4282880000007765626D0000000000", "video/webm")]
    [InlineData("1A45DFA39F42828B6D6174726F736B610000000000", "application/octet-stream")]
    public void Signatures_of_bytes(string hex, string type) => Assert.Equal(type, MimeSniffer.Sniff(Convert.FromHexString(hex)));

    [Theory]
    [InlineData(0xFB, 0x90, 417)] // MPEG-1, 128 kbit/s, 44.1 kHz
    [InlineData(0xFB, 0x92, 418)] // padded
    [InlineData(0xF3, 0x80, 208)] // MPEG-2, 64 kbit/s, 22.05 kHz
    [InlineData(0xE3, 0x80, 417)] // MPEG-2.5, 64 kbit/s, 11.025 kHz
    public void Two_frames_in_a_row_are_mp3(byte second, byte third, int size)
    {
        byte[] bytes = new byte[MimeSniffer.HeaderLength];
        Frame(bytes);
        Frame(bytes.AsSpan(size));
        Assert.Equal("audio/mpeg", MimeSniffer.Sniff(bytes));
        bytes[size] = 0;
        Assert.Equal("application/octet-stream", MimeSniffer.Sniff(bytes));

        void Frame(Span<byte> at) => new byte[] { 0xFF, second, third, 0 }.CopyTo(at);
    }

    private static string Sniff(string content) => MimeSniffer.Sniff(Encoding.Latin1.GetBytes(content));
}
