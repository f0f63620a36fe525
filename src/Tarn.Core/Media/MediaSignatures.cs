using System.Buffers.Binary;

namespace Tarn.Core.Media;

/// <summary>
/// Recognizes the audio and video formats that need more than a fixed pattern of bytes: MP4, WebM and MP3. Source: WHATWG MIME Sniffing Standard,
/// "Signature for MP4",
/// "… for WebM", "… for MP3 without ID3".
/// </summary>
internal static class MediaSignatures
{
    private const int WebMSearch = 38;

    /// <summary>Kilobits a second of MPEG-1 layer III, by the index in a frame's header.</summary>
    private static readonly int[] Rates = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

    /// <summary>Kilobits a second of MPEG-2 and 2.5 layer III, by the index in a frame's header.</summary>
    private static readonly int[] LowRates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    private static readonly int[] Frequencies = [44_100, 48_000, 32_000];

    private static ReadOnlySpan<byte> Ebml => [0x1A, 0x45, 0xDF, 0xA3];

    private static ReadOnlySpan<byte> DocType => [0x42, 0x82];

    public static string? Match(ReadOnlySpan<byte> start) =>
        IsMp4(start) ? "video/mp4" : IsWebM(start) ? "video/webm" : IsMp3(start) ? "audio/mpeg" : null;

    private static bool IsMp4(ReadOnlySpan<byte> start)
    {
        if (start.Length < 12 || !start[4..].StartsWith("ftyp"u8))
        {
            return false;
        }

        uint size = BinaryPrimitives.ReadUInt32BigEndian(start);
        if (start.Length < size || size % 4 != 0)
        {
            return false;
        }

        if (start[8..].StartsWith("mp4"u8))
        {
            return true;
        }

        // After the major brand and its version: the compatible brands.
        for (int at = 16; at < size; at += 4)
        {
            if (start[at..].StartsWith("mp4"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWebM(ReadOnlySpan<byte> start)
    {
        if (!start.StartsWith(Ebml))
        {
            return false;
        }

        for (int at = 4; at < start.Length && at < WebMSearch; at++)
        {
            // The element DocType, its length, and its value, which zeros may precede.
            if (!start[at..].StartsWith(DocType))
            {
                continue;
            }

            at += 2;
            if (at >= start.Length)
            {
                return false;
            }

            at += NumberSize(start[at]);
            if (at >= start.Length - 4)
            {
                return false;
            }

            if (start[at..].TrimStart((byte)0).StartsWith("webm"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes of a number of variable length: one more for each leading zero bit, eight at most.</summary>
    private static int NumberSize(byte first)
    {
        int size = 1;
        for (int mask = 0x80; size < 8 && (first & mask) == 0; mask >>= 1)
        {
            size++;
        }

        return size;
    }

    /// <summary>
    /// Looks for two frames in a row. Some masks and comparisons in the standard's text can never hold; this follows the format of MPEG audio
    /// headers instead, which the text describes.
    /// </summary>
    private static bool IsMp3(ReadOnlySpan<byte> start)
    {
        if (!IsMp3Header(start))
        {
            return false;
        }

        int size = FrameSize(start);
        return size >= 4 && size <= start.Length && IsMp3Header(start[size..]);
    }

    private static bool IsMp3Header(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 4 || frame[0] != 0xFF || (frame[1] & 0xE0) != 0xE0)
        {
            return false;
        }

        int version = (frame[1] >> 3) & 3;
        int layer = 4 - ((frame[1] >> 1) & 3);
        return version != 1 && layer == 3 && (frame[2] >> 4) != 15 && ((frame[2] >> 2) & 3) != 3;
    }

    private static int FrameSize(ReadOnlySpan<byte> frame)
    {
        int version = (frame[1] >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
        bool isFirst = version == 3;
        int rate = 1000 * (isFirst ? Rates : LowRates)[frame[2] >> 4];
        int frequency = Frequencies[(frame[2] >> 2) & 3] / (isFirst ? 1 : version == 2 ? 2 : 4);
        return (rate * (isFirst ? 144 : 72) / frequency) + ((frame[2] >> 1) & 1);
    }
}
