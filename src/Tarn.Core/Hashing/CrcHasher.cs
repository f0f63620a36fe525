namespace Tarn.Core.Hashing;

/// <summary>Computes a CRC of a stream; only the register is kept between pieces.</summary>
internal sealed class CrcHasher(Crc crc) : StreamHasher
{
    private ulong _register = crc.Mask;

    public override int HashSize => crc.Size;

    public override void Append(ReadOnlySpan<byte> data) => _register = crc.Update(_register, data);

    public override void Finish(Span<byte> destination)
    {
        crc.Write(_register ^ crc.Mask, destination);
        _register = crc.Mask;
    }
}
