using System.Runtime.Intrinsics;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>The transformations of FIPS 197, section 5, on a state in column order as AES-NI keeps it.</summary>
internal static unsafe class AesRounds
{
    private static readonly byte[] Box = MakeBox();
    private static readonly byte[] InverseBox = MakeInverse(Box);

    internal static Vector128<byte> Encrypt(Vector128<byte> state) => Mix(EncryptLast(state), 2, 3, 1, 1);

    internal static Vector128<byte> Decrypt(Vector128<byte> state) => InverseMixColumns(DecryptLast(state));

    /// <summary>SubBytes and ShiftRows: row r moves left by r columns.</summary>
    internal static Vector128<byte> EncryptLast(Vector128<byte> state)
    {
        Vector128<byte> result;
        byte* s = (byte*)&state;
        byte* r = (byte*)&result;
        for (int i = 0; i < 16; i++)
            r[i] = Box[s[(i + (4 * (i & 3))) & 15]];
        return result;
    }

    /// <summary>InvShiftRows and InvSubBytes.</summary>
    internal static Vector128<byte> DecryptLast(Vector128<byte> state)
    {
        Vector128<byte> result;
        byte* s = (byte*)&state;
        byte* r = (byte*)&result;
        for (int i = 0; i < 16; i++)
            r[i] = InverseBox[s[(i - (4 * (i & 3))) & 15]];
        return result;
    }

    internal static Vector128<byte> InverseMixColumns(Vector128<byte> state) => Mix(state, 14, 11, 13, 9);

    /// <summary>SubWord of words 1 and 3, and RotWord of those (SDM volume 2, AESKEYGENASSIST), without the round constant.</summary>
    internal static Vector128<byte> KeyAssist(Vector128<byte> source)
    {
        uint first = Substitute(source.AsUInt32().GetElement(1));
        uint third = Substitute(source.AsUInt32().GetElement(3));
        return Vector128.Create(first, uint.RotateRight(first, 8), third, uint.RotateRight(third, 8)).AsByte();
    }

    private static uint Substitute(uint word)
        => Box[(byte)word] | ((uint)Box[(byte)(word >> 8)] << 8) | ((uint)Box[(byte)(word >> 16)] << 16) | ((uint)Box[word >> 24] << 24);

    /// <summary>Each column times the circulant matrix whose first row is given.</summary>
    private static Vector128<byte> Mix(Vector128<byte> state, byte a, byte b, byte c, byte d)
    {
        Vector128<byte> result;
        byte* s = (byte*)&state;
        byte* r = (byte*)&result;
        for (int column = 0; column < 16; column += 4)
        {
            for (int row = 0; row < 4; row++)
            {
                r[column + row] = (byte)(Multiply(s[column + row], a) ^ Multiply(s[column + ((row + 1) & 3)], b)
                    ^ Multiply(s[column + ((row + 2) & 3)], c) ^ Multiply(s[column + ((row + 3) & 3)], d));
            }
        }

        return result;
    }

    /// <summary>Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.</summary>
    private static byte Multiply(byte a, byte b)
    {
        int product = 0;
        for (int shifted = a; b != 0; b >>= 1)
        {
            if ((b & 1) != 0)
                product ^= shifted;
            shifted = (shifted << 1) ^ ((shifted & 0x80) != 0 ? 0x11b : 0);
        }

        return (byte)product;
    }

    /// <summary>The S-box: the inverse in GF(2^8), then the affine map of section 5.1.1.</summary>
    private static byte[] MakeBox()
    {
        byte[] box = new byte[256];
        for (int value = 0; value < 256; value++)
        {
            byte inverse = 0;
            for (int candidate = 1; candidate < 256 && value != 0; candidate++)
            {
                if (Multiply((byte)value, (byte)candidate) == 1)
                    inverse = (byte)candidate;
            }

            uint repeated = inverse * 0x101u;
            uint mapped = repeated ^ (repeated >> 4) ^ (repeated >> 5) ^ (repeated >> 6) ^ (repeated >> 7);
            box[value] = (byte)(mapped ^ 0x63);
        }

        return box;
    }

    private static byte[] MakeInverse(byte[] box)
    {
        byte[] inverse = new byte[256];
        for (int value = 0; value < 256; value++)
            inverse[box[value]] = (byte)value;
        return inverse;
    }
}
