using Hospes.Engines.Translator.Interpret.Fpu;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>
/// Correctly rounded results, worked out with 20,000 bits: angles next to multiples of pi and close to 2^63, arguments next to one and to zero. No
/// host processor is needed, and none gets all of these right.
/// </summary>
public sealed unsafe class TranscendentalAccuracyTests : IDisposable
{
    private readonly LowMemory _memory = new(8192, executable: false);
    private readonly GuestProcessor _guest;

    public TranscendentalAccuracyTests() => _guest = new GuestProcessor((ulong)_memory.Address + 1024);

    [Theory]
    [InlineData("Fsin", 0x4000, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0xbfbe, 0xece675d1fc8f8cbbUL)]
    [InlineData("Fsin", 0x3fff, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0x3fff, 0x8000000000000000UL)]
    [InlineData("Fsin", 0xc001, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0xbfbf, 0xece675d1fc8f8cbbUL)]
    [InlineData("Fsin", 0x403d, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xdf327e112abeef8fUL)]
    [InlineData("Fsin", 0x403d, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0xbffe, 0xf537162ceea4ddddUL)]
    [InlineData("Fsin", 0x4035, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0x3ff3, 0xece6754abd844a68UL)]
    [InlineData("Fsin", 0x3ffe, 0xc90fdaa22168c234UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xb504f333f9de6484UL)]
    [InlineData("Fsin", 0x3fc0, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0x3fc0, 0x8000000000000001UL)]
    [InlineData("Fsin", 0xbffd, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0xf57743a2582f7f43UL)]
    [InlineData("Fsin", 0x4020, 0x934f069bf2a74de4UL, 0x3fff, 0x8000000000000000UL, 0x3ffc, 0xa575d989b7d1bf2fUL)]
    [InlineData("Fsin", 0x4038, 0x862e3fe8a6a3a450UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xff07100a37ded060UL)]
    [InlineData("Fsin", 0x4002, 0xc497c815d23f0824UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0x8d2822ec088ec1dcUL)]
    [InlineData("Fsin", 0x4002, 0xca98cc2e5d9dc9f8UL, 0x3fff, 0x8000000000000000UL, 0x3ffb, 0xc42ba91aeed6eabaUL)]
    [InlineData("Fsin", 0x4002, 0xc0f3a77ae8e25d94UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0xf88db1acf21f50acUL)]
    [InlineData("Fsin", 0x4010, 0x8b0051ad099950d8UL, 0x3fff, 0x8000000000000000UL, 0xbffe, 0xe860ae9f394e203bUL)]
    [InlineData("Fcos", 0x4000, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0xbfff, 0x8000000000000000UL)]
    [InlineData("Fcos", 0x3fff, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0xbfbd, 0xece675d1fc8f8cbbUL)]
    [InlineData("Fcos", 0xc001, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0x3fff, 0x8000000000000000UL)]
    [InlineData("Fcos", 0x403d, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0x3ffd, 0xfac035ec484929c2UL)]
    [InlineData("Fcos", 0x403d, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0x930b5e4d26d69ce0UL)]
    [InlineData("Fcos", 0x4035, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xfffffe498c8f16fdUL)]
    [InlineData("Fcos", 0x3ffe, 0xc90fdaa22168c234UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xb504f333f9de6485UL)]
    [InlineData("Fcos", 0xbffd, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xe0a94032dbea7ceeUL)]
    [InlineData("Fcos", 0x4020, 0x934f069bf2a74de4UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xfca2ce6f672404bdUL)]
    [InlineData("Fcos", 0x4038, 0x862e3fe8a6a3a450UL, 0x3fff, 0x8000000000000000UL, 0x3ffb, 0xb255d32d355f8425UL)]
    [InlineData("Fcos", 0x4002, 0xc497c815d23f0824UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xf61420e60a52d5fcUL)]
    [InlineData("Fcos", 0x4002, 0xca98cc2e5d9dc9f8UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xfed2a8e039d7c091UL)]
    [InlineData("Fcos", 0x4002, 0xc0f3a77ae8e25d94UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xdfcf92f47d24a4adUL)]
    [InlineData("Fcos", 0x4010, 0x8b0051ad099950d8UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0xd6d13c5d79c05b7bUL)]
    [InlineData("Fptan", 0x4000, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0x3fbe, 0xece675d1fc8f8cbbUL)]
    [InlineData("Fptan", 0x3fff, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0xc040, 0x8a51e04daabda35fUL)]
    [InlineData("Fptan", 0xc001, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0xbfbf, 0xece675d1fc8f8cbbUL)]
    [InlineData("Fptan", 0x403d, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0x3fff, 0xe3de9ed3992f3138UL)]
    [InlineData("Fptan", 0x403d, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0x4000, 0xd574cac777c7de9dUL)]
    [InlineData("Fptan", 0x4035, 0xc90fdaa22168c235UL, 0x3fff, 0x8000000000000000UL, 0x3ff3, 0xece676e07aa7b255UL)]
    [InlineData("Fptan", 0x3ffe, 0xc90fdaa22168c234UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xfffffffffffffffeUL)]
    [InlineData("Fptan", 0xbffd, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0xbffe, 0x8bda7adf9a3a5218UL)]
    [InlineData("Fptan", 0x4020, 0x934f069bf2a74de4UL, 0x3fff, 0x8000000000000000UL, 0x3ffc, 0xa7a9e057759410f6UL)]
    [InlineData("Fptan", 0x4038, 0x862e3fe8a6a3a450UL, 0x3fff, 0x8000000000000000UL, 0x4002, 0xb70bbe05c547ef76UL)]
    [InlineData("Fptan", 0x4002, 0xc497c815d23f0824UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0x92d911c96bddd787UL)]
    [InlineData("Fptan", 0x4002, 0xca98cc2e5d9dc9f8UL, 0x3fff, 0x8000000000000000UL, 0x3ffb, 0xc513a44536f924aeUL)]
    [InlineData("Fptan", 0x4002, 0xc0f3a77ae8e25d94UL, 0x3fff, 0x8000000000000000UL, 0xbffe, 0x8e268e6b69530501UL)]
    [InlineData("Fptan", 0x4010, 0x8b0051ad099950d8UL, 0x3fff, 0x8000000000000000UL, 0x4000, 0x8a76a275f800f7bfUL)]
    [InlineData("F2xm1", 0x3ffe, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0xffffffffffffffffUL)]
    [InlineData("F2xm1", 0xbffe, 0x8000000000000000UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0x95f619980c4336f7UL)]
    [InlineData("F2xm1", 0x3fc0, 0xabcdef0123456789UL, 0x3fff, 0x8000000000000000UL, 0x3fbf, 0xee2be81411bb861dUL)]
    [InlineData("F2xm1", 0xbf80, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0xbf7f, 0xb17217f7d1cf79adUL)]
    [InlineData("F2xm1", 0x3ffd, 0x8123456789abcdefUL, 0x3fff, 0x8000000000000000UL, 0x3ffc, 0xc3a011229c0b967eUL)]
    [InlineData("Fyl2x", 0x3fff, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0x3fc0, 0xb8aa3b295c17f0bbUL)]
    [InlineData("Fyl2x", 0x3ffe, 0xffffffffffffffffUL, 0x3fff, 0x8000000000000000UL, 0xbfbf, 0xb8aa3b295c17f0bcUL)]
    [InlineData("Fyl2x", 0x7ffe, 0xffffffffffffffffUL, 0x4000, 0xc90fdaa22168c235UL, 0x400e, 0xc90fdaa22168c235UL)]
    [InlineData("Fyl2x", 0x0001, 0x8000000000000001UL, 0xbfff, 0xabcdef0123456789UL, 0x400d, 0xabc89091ab3c4d5eUL)]
    [InlineData("Fyl2x", 0x3fff, 0xb504f333f9de6484UL, 0x3fff, 0x8000000000000000UL, 0x3ffd, 0xffffffffffffffffUL)]
    [InlineData("Fyl2x", 0x3fff, 0xb504f333f9de6485UL, 0x3fff, 0x8000000000000000UL, 0x3ffe, 0x8000000000000001UL)]
    [InlineData("Fyl2x", 0x4002, 0xa000000000000000UL, 0x3ffd, 0x9a209a84fbcff799UL, 0x3fff, 0x8000000000000000UL)]
    [InlineData("Fyl2xp1", 0x3fc0, 0x8000000000000001UL, 0x3fff, 0x8000000000000000UL, 0x3fc0, 0xb8aa3b295c17f0bcUL)]
    [InlineData("Fyl2xp1", 0xbffd, 0x95f619980c4336f7UL, 0x3fff, 0x8000000000000000UL, 0xbffd, 0xffffffffffffffffUL)]
    [InlineData("Fyl2xp1", 0x3ffd, 0xd413cccfe7799211UL, 0x4000, 0x8123456789abcdefUL, 0x3fff, 0x8123456789abcdefUL)]
    [InlineData("Fyl2xp1", 0xbf00, 0xfedcba9876543211UL, 0x3fff, 0x8000000000000000UL, 0xbf01, 0xb7d81f978a554623UL)]
    [InlineData("Fpatan", 0x3fff, 0x8000000000000000UL, 0x3fff, 0x8000000000000001UL, 0x3ffe, 0xc90fdaa22168c236UL)]
    [InlineData("Fpatan", 0xbfff, 0x8000000000000000UL, 0x3fc0, 0xabcdef0123456789UL, 0x4000, 0xc90fdaa22168c234UL)]
    [InlineData("Fpatan", 0x3fff, 0x8000000000000000UL, 0x3fc0, 0xabcdef0123456789UL, 0x3fc0, 0xabcdef0123456789UL)]
    [InlineData("Fpatan", 0xc010, 0x9999999999999999UL, 0xbfff, 0xffffffffffffffffUL, 0xc000, 0xc90fa54ccc137938UL)]
    [InlineData("Fpatan", 0x3f00, 0xccccccccccccccccUL, 0x4020, 0xeeeeeeeeeeeeeeeeUL, 0x3fff, 0xc90fdaa22168c235UL)]
    [InlineData("Fpatan", 0x4001, 0xe000000000000000UL, 0x4000, 0xc000000000000000UL, 0x3ffd, 0xcf4df9e906e386a9UL)]
    public void Results_are_correctly_rounded(
        string name, int exponent0, ulong significand0, int exponent1, ulong significand1, int expectedExponent, ulong expectedSignificand)
    {
        CpuContext* c = _guest.Cpu.C;
        FpuUnit.Initialize(c);
        FpuUnit.Push(c, new Extended((ushort)exponent1, significand1));
        FpuUnit.Push(c, new Extended((ushort)exponent0, significand0));
        Code code = Enum.Parse<Code>(name);
        _guest.Run(new Instruction { Code = code });
        Extended result = FpuUnit.Read(c, code == Code.Fptan ? 1 : 0);
        result.Should().Be(new Extended((ushort)expectedExponent, expectedSignificand));
        (c->FpuStatus & 0x20).Should().Be(0x20, "the result is inexact");
    }

    public void Dispose()
    {
        _guest.Dispose();
        _memory.Dispose();
    }
}
