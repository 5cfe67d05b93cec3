using Hospes.Engines.Translator.Interpret.Floating;

namespace Hospes.Engines.Translator.Interpret.Fpu;

/// <summary>The memory formats of at most 64 bits.</summary>
internal static class FpuSources
{
    internal readonly struct Single : IFpuSource
    {
        public static int Size => 4;

        public static bool IsFloat => true;

        public static FpuOperand Unpack(ulong bits) => FpuOperand.FromFloat<Binary32>(bits);
    }

    internal readonly struct Double : IFpuSource
    {
        public static int Size => 8;

        public static bool IsFloat => true;

        public static FpuOperand Unpack(ulong bits) => FpuOperand.FromFloat<Binary64>(bits);
    }

    internal readonly struct Int16 : IFpuSource
    {
        public static int Size => 2;

        public static bool IsFloat => false;

        public static FpuOperand Unpack(ulong bits) => FpuOperand.FromInteger((short)bits);
    }

    internal readonly struct Int32 : IFpuSource
    {
        public static int Size => 4;

        public static bool IsFloat => false;

        public static FpuOperand Unpack(ulong bits) => FpuOperand.FromInteger((int)bits);
    }

    internal readonly struct Int64 : IFpuSource
    {
        public static int Size => 8;

        public static bool IsFloat => false;

        public static FpuOperand Unpack(ulong bits) => FpuOperand.FromInteger((long)bits);
    }
}
